"""A Greeter that is not ours: both contracts on grpcio, without reflection.

    server.py                          in plaintext
    server.py CERT KEY [CLIENT_CA]     over TLS, with clients that show a certificate of that authority; PEM files

Prints `listening on 127.0.0.1:PORT` and serves until it is told to end.
"""

import signal
import sys
import threading
from concurrent import futures
from pathlib import Path

import grpc

from contracts import hello, hello_grpc, helloworld, helloworld_grpc

REPLIES = 5


def greeting(name):
    return f"Hello, {name}!"


def numbered(name):
    return (f"{greeting(name)} Number {number}" for number in range(1, REPLIES + 1))


def together(requests):
    return greeting(", ".join(request.name for request in requests))


class DefaultGreeter(helloworld_grpc.GreeterServicer):
    def SayHello(self, request, context):
        if request.name == "metadata":
            context.send_initial_metadata((("x-greeting", "hello"),))
            context.set_trailing_metadata((("x-parting", "bye"), ("x-parting-bin", b"\x00\x01\xff")))
        if request.name == "nobody":
            context.abort(grpc.StatusCode.NOT_FOUND, "nobody of that name: 世界")
        return helloworld.HelloReply(message=greeting(request.name))

    def SayHelloServerStreaming(self, request, context):
        for message in numbered(request.name):
            yield helloworld.HelloReply(message=message)

    def SayHelloClientStreaming(self, requests, context):
        return helloworld.HelloReply(message=together(requests))

    def SayHelloBiDiStreaming(self, requests, context):
        for request in requests:
            yield helloworld.HelloReply(message=greeting(request.name))


class OtherGreeter(hello_grpc.GreeterServicer):
    def SayHello(self, request, context):
        return hello.HelloReply(reply=greeting(request.name))

    def LotsOfReplies(self, request, context):
        for reply in numbered(request.name):
            yield hello.HelloReply(reply=reply)

    def LotsOfGreetings(self, requests, context):
        return hello.HelloReply(reply=together(requests))


def credentials(chain, key, clients=None):
    return grpc.ssl_server_credentials([(key, chain)], clients, require_client_auth=clients is not None)


def main():
    papers = [Path(paper).read_bytes() for paper in sys.argv[1:]]
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    helloworld_grpc.add_GreeterServicer_to_server(DefaultGreeter(), server)
    hello_grpc.add_GreeterServicer_to_server(OtherGreeter(), server)
    free = "127.0.0.1:0"
    port = server.add_secure_port(free, credentials(*papers)) if papers else server.add_insecure_port(free)
    server.start()
    print(f"listening on 127.0.0.1:{port}", flush=True)
    ended.wait()
    server.stop(grace=1).wait()


if __name__ == "__main__":
    main()
