"""Read one S3 object for each line on standard input, with whatever credentials boto3 finds."""

import json
import os
import sys
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError


def main() -> None:
    """Answer line by line; ``anew`` makes a new session first."""
    session: Any = None
    client: Any = None
    for line in sys.stdin:
        if session is None or line.strip() == "anew":
            session = boto3.Session()
            client = session.client("s3", config=Config(s3={"addressing_style": "path"}))
        print(json.dumps(read(session, client)), flush=True)  # noqa: T201 - the protocol


def read(session: Any, client: Any) -> dict[str, str]:  # noqa: ANN401 - boto3 ships no types
    """Give the object's text and the access key it was read with, or the error."""
    try:
        object_ = client.get_object(Bucket=os.environ["BUCKET"], Key=os.environ["OBJECT"])
        text = object_["Body"].read().decode()
        return {"text": text, "key": session.get_credentials().get_frozen_credentials().access_key}
    except (BotoCoreError, ClientError) as error:
        return {"error": str(error)}


if __name__ == "__main__":
    main()
