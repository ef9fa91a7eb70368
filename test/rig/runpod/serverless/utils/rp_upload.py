"""A bucket that is a directory."""

import os
import shutil


def upload_file_to_bucket(file_name, file_location, bucket_creds=None, bucket_name=None, prefix=None, extra_args=None):
    """Copies the file there and answers its URL; as the real one, it says nothing where it cannot."""
    if os.environ.get("BUCKET_ACCESS_KEY_ID") is None:
        return f"local_upload/{file_name}"
    path = os.path.join(os.environ["BUCKET_ENDPOINT_URL"].removeprefix("file://"), bucket_name, prefix, file_name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    shutil.copyfile(file_location, path)
    return f"https://bucket.invalid/{bucket_name}/{prefix}/{file_name}?{extra_args['ContentType']}"
