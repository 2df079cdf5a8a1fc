import hello.Hello;
import helloworld.Helloworld;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.File;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A Greeter that is not ours: both contracts on grpc-java, without reflection.
 *
 * <pre>
 * Server                          in plaintext
 * Server CERT KEY [CLIENT_CA]     over TLS, with clients that show a certificate of that authority; PEM files
 * </pre>
 *
 * <p>Prints {@code listening on 127.0.0.1:PORT} and serves until it is told to end.
 */
public final class Server {
    private static final int REPLIES = 5;

    public static void main(String[] args) throws Exception {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0));
        if (args.length > 0) {
            SslContextBuilder tls = GrpcSslContexts.forServer(new File(args[0]), new File(args[1]));
            if (args.length == 3) {
                tls.trustManager(new File(args[2])).clientAuth(ClientAuth.REQUIRE);
            }
            builder.sslContext(tls.build());
        }
        io.grpc.Server server = builder
                .addService(ServerInterceptors.intercept(new DefaultGreeter(), new MetadataWhenAsked()))
                .addService(new OtherGreeter())
                .build()
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        System.out.println("listening on 127.0.0.1:" + server.getPort());
        server.awaitTermination();
    }

    private static String greeting(String name) {
        return "Hello, " + name + "!";
    }

    private static void numbered(String name, Consumer<String> send) {
        for (int number = 1; number <= REPLIES; number++) {
            send.accept(greeting(name) + " Number " + number);
        }
    }

    private static <T> void answer(StreamObserver<T> replies, T reply) {
        replies.onNext(reply);
        replies.onCompleted();
    }

    /** Gathers names, and greets them together at the client's half-close. */
    private static final class Together<Request, Reply> implements StreamObserver<Request> {
        private final List<String> names = new ArrayList<>();
        private final Function<Request, String> nameOf;
        private final Function<String, Reply> replyOf;
        private final StreamObserver<Reply> replies;

        Together(Function<Request, String> nameOf, Function<String, Reply> replyOf, StreamObserver<Reply> replies) {
            this.nameOf = nameOf;
            this.replyOf = replyOf;
            this.replies = replies;
        }

        @Override
        public void onNext(Request request) {
            names.add(nameOf.apply(request));
        }

        @Override
        public void onError(Throwable cancelled) {}

        @Override
        public void onCompleted() {
            answer(replies, replyOf.apply(greeting(String.join(", ", names))));
        }
    }

    private static final class DefaultGreeter extends helloworld.GreeterGrpc.GreeterImplBase {
        private static Helloworld.HelloReply reply(String message) {
            return Helloworld.HelloReply.newBuilder().setMessage(message).build();
        }

        @Override
        public void sayHello(Helloworld.HelloRequest request, StreamObserver<Helloworld.HelloReply> replies) {
            if (request.getName().equals("nobody")) {
                replies.onError(Status.NOT_FOUND.withDescription("nobody of that name: 世界").asException());
                return;
            }
            answer(replies, reply(greeting(request.getName())));
        }

        @Override
        public void sayHelloServerStreaming(
                Helloworld.HelloRequest request, StreamObserver<Helloworld.HelloReply> replies) {
            numbered(request.getName(), message -> replies.onNext(reply(message)));
            replies.onCompleted();
        }

        @Override
        public StreamObserver<Helloworld.HelloRequest> sayHelloClientStreaming(
                StreamObserver<Helloworld.HelloReply> replies) {
            return new Together<>(Helloworld.HelloRequest::getName, DefaultGreeter::reply, replies);
        }

        @Override
        public StreamObserver<Helloworld.HelloRequest> sayHelloBiDiStreaming(
                StreamObserver<Helloworld.HelloReply> replies) {
            return new StreamObserver<>() {
                @Override
                public void onNext(Helloworld.HelloRequest request) {
                    replies.onNext(reply(greeting(request.getName())));
                }

                @Override
                public void onError(Throwable cancelled) {}

                @Override
                public void onCompleted() {
                    replies.onCompleted();
                }
            };
        }
    }

    private static final class OtherGreeter extends hello.GreeterGrpc.GreeterImplBase {
        private static Hello.HelloReply reply(String text) {
            return Hello.HelloReply.newBuilder().setReply(text).build();
        }

        @Override
        public void sayHello(Hello.HelloRequest request, StreamObserver<Hello.HelloReply> replies) {
            answer(replies, reply(greeting(request.getName())));
        }

        @Override
        public void lotsOfReplies(Hello.HelloRequest request, StreamObserver<Hello.HelloReply> replies) {
            numbered(request.getName(), text -> replies.onNext(reply(text)));
            replies.onCompleted();
        }

        @Override
        public StreamObserver<Hello.HelloRequest> lotsOfGreetings(StreamObserver<Hello.HelloReply> replies) {
            return new Together<>(Hello.HelloRequest::getName, OtherGreeter::reply, replies);
        }
    }

    /** Adds headers and trailers to a call that asks for the name {@code metadata}. */
    private static final class MetadataWhenAsked implements ServerInterceptor {
        private static final Metadata.Key<String> GREETING = text("x-greeting");
        private static final Metadata.Key<String> PARTING = text("x-parting");
        private static final Metadata.Key<byte[]> PARTING_BIN =
                Metadata.Key.of("x-parting-bin", Metadata.BINARY_BYTE_MARSHALLER);

        private static Metadata.Key<String> text(String name) {
            return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
        }

        @Override
        public <Request, Reply> ServerCall.Listener<Request> interceptCall(
                ServerCall<Request, Reply> call, Metadata headers, ServerCallHandler<Request, Reply> next) {
            WithMetadata<Request, Reply> answering = new WithMetadata<>(call);
            return new SimpleForwardingServerCallListener<>(next.startCall(answering, headers)) {
                @Override
                public void onMessage(Request message) {
                    answering.asked = message instanceof Helloworld.HelloRequest
                            && ((Helloworld.HelloRequest) message).getName().equals("metadata");
                    super.onMessage(message);
                }
            };
        }

        private static final class WithMetadata<Request, Reply> extends SimpleForwardingServerCall<Request, Reply> {
            private boolean asked;

            WithMetadata(ServerCall<Request, Reply> call) {
                super(call);
            }

            @Override
            public void sendHeaders(Metadata headers) {
                if (asked) {
                    headers.put(GREETING, "hello");
                }
                super.sendHeaders(headers);
            }

            @Override
            public void close(Status status, Metadata trailers) {
                if (asked) {
                    trailers.put(PARTING, "bye");
                    trailers.put(PARTING_BIN, new byte[] {0x00, 0x01, (byte) 0xff});
                }
                super.close(status, trailers);
            }
        }
    }
}
