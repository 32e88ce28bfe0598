// Reads one S3 object for each line on standard input, with whatever credentials the SDK finds.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func main() {
	var client *s3.Client
	var loaded aws.Config
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if client == nil || lines.Text() == "anew" {
			loaded, client = connect()
		}
		answer, err := read(loaded, client)
		if err != nil {
			answer = map[string]string{"error": err.Error()}
		}
		text, _ := json.Marshal(answer)
		fmt.Println(string(text))
	}
}

func connect() (aws.Config, *s3.Client) {
	loaded, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		panic(err)
	}
	return loaded, s3.NewFromConfig(loaded, func(options *s3.Options) { options.UsePathStyle = true })
}

func read(loaded aws.Config, client *s3.Client) (map[string]string, error) {
	object, err := client.GetObject(context.Background(), &s3.GetObjectInput{
		Bucket: aws.String(os.Getenv("BUCKET")), Key: aws.String(os.Getenv("OBJECT")),
	})
	if err != nil {
		return nil, err
	}
	defer object.Body.Close()
	body, err := io.ReadAll(object.Body)
	if err != nil {
		return nil, err
	}
	used, err := loaded.Credentials.Retrieve(context.Background())
	return map[string]string{"text": string(body), "key": used.AccessKeyID}, err
}
