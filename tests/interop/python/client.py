"""Asks a `greeter serve` everything, as grpcio asks it, and compares every reply.

    client.py ADDR                     in plaintext
    client.py ADDR CA [CERT KEY]       over TLS: whom it trusts, and who it is; PEM files
    client.py ADDR CA refused          over TLS that cannot come about: one call, and how it ends

Prints one row for each check, `ok` or `FAILED` with what was expected and what came.
"""

import queue
import sys
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from contracts import hello, hello_grpc, helloworld, helloworld_grpc

# For one call. Nothing here takes a hundredth of it.
TIMEOUT = 20

NAMES = ["World", "", "世界 👩‍🚀 é", "a\tb\nc\x1b[31m"]
NUMBERED = [f"Hello, World! Number {number}" for number in range(1, 6)]


class Checks:
    def __init__(self):
        self.failed = 0

    def same(self, what, got, expected):
        if got == expected:
            self.row(what, "ok")
        else:
            self.failed += 1
            self.row(what, "FAILED", f"expected {expected!r}, got {got!r}")

    def run(self, what, check):
        """A check that raises has failed; the others go on."""
        try:
            check(what)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is reported)
            self.failed += 1
            self.row(what, "FAILED", repr(error))

    @staticmethod
    def row(what, verdict, detail=""):
        print(f"  {what:<60} {verdict:<7} {detail}".rstrip(), flush=True)


def each_in_turn(method, request, names):
    """Sends a name only when the reply to the one before it has come."""
    requests = queue.SimpleQueue()
    replies = method(iter(requests.get, None), timeout=TIMEOUT)
    got = []
    for name in names:
        requests.put(request(name=name))
        got.append(next(replies))
    requests.put(None)
    got.extend(replies)
    return got


def default_contract(checks, channel):
    stub = helloworld_grpc.GreeterStub(channel)
    request = helloworld.HelloRequest

    def unary(what):
        got = [stub.SayHello(request(name=name), timeout=TIMEOUT).message for name in NAMES]
        checks.same(what, got, [f"Hello, {name}!" for name in NAMES])

    def server_stream(what):
        replies = stub.SayHelloServerStreaming(request(name="World"), timeout=TIMEOUT)
        checks.same(what, [reply.message for reply in replies], NUMBERED)

    def client_stream(what):
        requests = (request(name=name) for name in ("Alice", "Bob", "Charlie"))
        reply = stub.SayHelloClientStreaming(requests, timeout=TIMEOUT)
        checks.same(what, reply.message, "Hello, Alice, Bob, Charlie!")

    def no_names(what):
        reply = stub.SayHelloClientStreaming(iter(()), timeout=TIMEOUT)
        checks.same(what, reply.message, "Hello, !")

    def bidi(what):
        got = each_in_turn(stub.SayHelloBiDiStreaming, request, ["Dave", "Eve"])
        checks.same(what, [reply.message for reply in got], ["Hello, Dave!", "Hello, Eve!"])

    def long_bidi(what):
        count = 10_000
        requests = (request(name=str(number)) for number in range(count))
        got = [reply.message for reply in stub.SayHelloBiDiStreaming(requests, timeout=TIMEOUT)]
        checks.same(what, got == [f"Hello, {number}!" for number in range(count)], True)

    checks.run("helloworld.Greeter/SayHello", unary)
    checks.run("helloworld.Greeter/SayHelloServerStreaming", server_stream)
    checks.run("helloworld.Greeter/SayHelloClientStreaming", client_stream)
    checks.run("helloworld.Greeter/SayHelloClientStreaming, no names", no_names)
    checks.run("helloworld.Greeter/SayHelloBiDiStreaming", bidi)
    checks.run("helloworld.Greeter/SayHelloBiDiStreaming, 10000 names", long_bidi)


def other_contract(checks, channel):
    stub = hello_grpc.GreeterStub(channel)
    request = hello.HelloRequest

    def unary(what):
        got = [stub.SayHello(request(name=name), timeout=TIMEOUT).reply for name in NAMES]
        checks.same(what, got, [f"Hello, {name}!" for name in NAMES])

    def server_stream(what):
        replies = stub.LotsOfReplies(request(name="World"), timeout=TIMEOUT)
        checks.same(what, [reply.reply for reply in replies], NUMBERED)

    def client_stream(what):
        requests = (request(name=name) for name in ("Alice", "Bob"))
        reply = stub.LotsOfGreetings(requests, timeout=TIMEOUT)
        checks.same(what, reply.reply, "Hello, Alice, Bob!")

    def no_names(what):
        reply = stub.LotsOfGreetings(iter(()), timeout=TIMEOUT)
        checks.same(what, reply.reply, "Hello, !")

    checks.run("hello.Greeter/SayHello", unary)
    checks.run("hello.Greeter/LotsOfReplies", server_stream)
    checks.run("hello.Greeter/LotsOfGreetings", client_stream)
    checks.run("hello.Greeter/LotsOfGreetings, no names", no_names)


def statuses(checks, channel):
    def code(call):
        try:
            call()
            return grpc.StatusCode.OK
        except grpc.RpcError as error:
            return error.code()

    def unknown_method(what):
        ask = channel.unary_unary("/helloworld.Greeter/SayGoodbye")
        checks.same(what, code(lambda: ask(b"", timeout=TIMEOUT)), grpc.StatusCode.UNIMPLEMENTED)

    def too_large(what):
        stub = helloworld_grpc.GreeterStub(channel)
        large = helloworld.HelloRequest(name="n" * (5 << 20))
        got = code(lambda: stub.SayHello(large, timeout=TIMEOUT))
        checks.same(what, got, grpc.StatusCode.RESOURCE_EXHAUSTED)

    checks.run("an unknown method is UNIMPLEMENTED", unknown_method)
    checks.run("a name of 5 MiB is RESOURCE_EXHAUSTED", too_large)


def other_services(checks, channel):
    serving = health_pb2.HealthCheckResponse.SERVING

    def health(what):
        stub = health_pb2_grpc.HealthStub(channel)
        names = ["", "helloworld.Greeter", "hello.Greeter"]
        requests = [health_pb2.HealthCheckRequest(service=name) for name in names]
        got = [stub.Check(request, timeout=TIMEOUT).status for request in requests]
        checks.same(what, got, [serving] * 3)

    def reflection(what):
        database = ProtoReflectionDescriptorDatabase(channel)
        names = set(database.get_services())
        checks.same(what, {"helloworld.Greeter", "hello.Greeter"} <= names, True)
        file = database.FindFileContainingSymbol("hello.Greeter")
        checks.same(f"{what}, a file", file.name, "hello.proto")

    checks.run("grpc.health.v1.Health/Check", health)
    checks.run("grpc.reflection.v1alpha", reflection)


def refused(checks, channel):
    def one_call(what):
        try:
            helloworld_grpc.GreeterStub(channel).SayHello(helloworld.HelloRequest(), timeout=TIMEOUT)
            code = grpc.StatusCode.OK
        except grpc.RpcError as error:
            code = error.code()
        checks.same(what, code, grpc.StatusCode.UNAVAILABLE)

    checks.run("refused", one_call)


def channel_to(address, *papers):
    if not papers:
        return grpc.insecure_channel(address)
    trusted, *own = (Path(paper).read_bytes() for paper in papers)
    chain, key = own or (None, None)
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(trusted, key, chain))


def main():
    match sys.argv[1:]:
        case [address, ca, "refused"]:
            reach, groups = (address, ca), [refused]
        case [_] | [_, _] | [_, _, _, _] as reach:
            groups = [default_contract, other_contract, statuses, other_services]
        case _:
            sys.exit(__doc__)
    checks = Checks()
    with channel_to(*reach) as channel:
        for group in groups:
            group(checks, channel)
    if checks.failed:
        sys.exit(f"  {checks.failed} of the checks against greeter serve failed")


if __name__ == "__main__":
    main()
