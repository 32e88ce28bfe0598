package dev.rolesanywhere;

import java.net.URI;
import java.util.Scanner;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.s3.S3Client;

/** Reads one S3 object for each line on standard input, with whatever credentials the SDK finds. */
public final class Reader {
  private Reader() {}

  public static void main(String[] arguments) {
    DefaultCredentialsProvider credentials = DefaultCredentialsProvider.builder().build();
    S3Client client =
        S3Client.builder()
            .credentialsProvider(credentials)
            .endpointOverride(URI.create(System.getenv("AWS_ENDPOINT_URL")))
            .forcePathStyle(true)
            .httpClient(UrlConnectionHttpClient.create())
            .build();
    Scanner lines = new Scanner(System.in);
    while (lines.hasNextLine()) {
      lines.nextLine();
      System.out.println(read(client, credentials));
    }
  }

  private static String read(S3Client client, DefaultCredentialsProvider credentials) {
    try {
      String text =
          client
              .getObjectAsBytes(
                  wanted -> wanted.bucket(System.getenv("BUCKET")).key(System.getenv("OBJECT")))
              .asUtf8String();
      String key = credentials.resolveCredentials().accessKeyId();
      return "{\"text\": \"" + text + "\", \"key\": \"" + key + "\"}";
    } catch (RuntimeException error) {
      return "{\"error\": \"" + error.getMessage().replace('"', '\'') + "\"}";
    }
  }
}
