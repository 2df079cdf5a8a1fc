"""The two contracts as Python modules, generated from the project's own proto/ when this is imported."""

import sys
import tempfile
from importlib import import_module, resources
from pathlib import Path

from grpc_tools import protoc

PROTO = Path(__file__).resolve().parents[3] / "proto"


def generate(name):
    """The message and the service module of one file."""
    with tempfile.TemporaryDirectory() as out:
        well_known = resources.files("grpc_tools") / "_proto"
        code = protoc.main(
            [
                "protoc",
                f"--proto_path={PROTO}",
                f"--proto_path={well_known}",
                f"--python_out={out}",
                f"--grpc_python_out={out}",
                f"{name}.proto",
            ]
        )
        if code != 0:
            sys.exit(f"protoc cannot compile {PROTO / name}.proto")
        sys.path.insert(0, out)
        try:
            return import_module(f"{name}_pb2"), import_module(f"{name}_pb2_grpc")
        finally:
            sys.path.remove(out)


helloworld, helloworld_grpc = generate("helloworld")
hello, hello_grpc = generate("hello")
