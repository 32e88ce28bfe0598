// Reads one S3 object for each line on standard input, with whatever credentials the SDK finds.
import { createInterface } from "node:readline";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";

const client = new S3Client({ forcePathStyle: true });

async function read() {
  const wanted = { Bucket: process.env.BUCKET, Key: process.env.OBJECT };
  const object = await client.send(new GetObjectCommand(wanted));
  const text = await object.Body.transformToString();
  const used = await client.config.credentials();
  return { text, key: used.accessKeyId };
}

for await (const _ of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = await read();
  } catch (error) {
    answer = { error: String(error) };
  }
  console.log(JSON.stringify(answer));
}
