"""Objects written into S3 by services of the emulator, past the port."""

from moto.s3.exceptions import MissingBucket

from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.moto_side.state import MotoState


def put_object(state: MotoState, bucket: str, key: str, body: bytes) -> None:
    """Write an object. Raises ``AwsError`` when there is no such bucket."""
    try:
        state.s3.put_object(bucket, key, body)
    except MissingBucket as error:
        code, message = "NoSuchBucket", "The specified bucket does not exist"
        raise AwsError(code, message, status=404, because=bucket) from error
