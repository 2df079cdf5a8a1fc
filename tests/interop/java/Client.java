import hello.Hello;
import helloworld.Helloworld;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Asks a {@code greeter serve} everything, as grpc-java asks it, and compares every reply.
 *
 * <pre>
 * Client ADDR                     in plaintext
 * Client ADDR CA [CERT KEY]       over TLS: whom it trusts, and who it is; PEM files
 * Client ADDR CA refused          over TLS that cannot come about: one call, and how it ends
 * </pre>
 *
 * <p>Prints one row for each check, {@code ok} or {@code FAILED} with what was expected and what came.
 */
public final class Client {
    /** For one call, in seconds. Nothing here takes a hundredth of it. */
    private static final int TIMEOUT = 20;

    private static final List<String> NAMES = List.of("World", "", "世界 👩‍🚀 é", "a\tb\nc\u001b[31m");
    private static final List<String> THREE = List.of("Alice", "Bob", "Charlie");
    private static final List<String> IN_TURN = List.of("Dave", "Eve", "Frank");
    private static final List<String> MANY = numbers(0, 10_000);
    private static final List<String> NUMBERED =
            numbers(1, 6).stream().map(number -> "Hello, World! Number " + number).collect(Collectors.toList());

    private final ManagedChannel channel;
    private int failed;

    private Client(ManagedChannel channel) {
        this.channel = channel;
    }

    public static void main(String[] args) throws Exception {
        if (args.length < 1 || args.length > 4) {
            System.err.println("usage: Client ADDR [CA [CERT KEY | refused]]");
            System.exit(2);
        }
        boolean isRefused = args.length == 3 && args[2].equals("refused");
        String[] papers = Arrays.copyOfRange(args, 1, isRefused ? 2 : args.length);
        ManagedChannel channel = channelTo(args[0], papers);
        Client client = new Client(channel);
        if (isRefused) {
            client.refused();
        } else {
            client.defaultContract();
            client.otherContract();
            client.statuses();
        }
        channel.shutdownNow();
        if (client.failed > 0) {
            System.err.println("  " + client.failed + " of the checks against greeter serve failed");
            System.exit(1);
        }
    }

    private static ManagedChannel channelTo(String address, String... papers) throws Exception {
        NettyChannelBuilder channel = NettyChannelBuilder.forTarget(address);
        if (papers.length == 0) {
            return channel.usePlaintext().build();
        }
        SslContextBuilder tls = GrpcSslContexts.forClient().trustManager(new File(papers[0]));
        if (papers.length == 3) {
            tls.keyManager(new File(papers[1]), new File(papers[2]));
        }
        return channel.sslContext(tls.build()).build();
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).collect(Collectors.toList());
    }

    private static List<String> greetings(List<String> names) {
        return names.stream().map(name -> "Hello, " + name + "!").collect(Collectors.toList());
    }

    /** A check that throws has failed; the others go on. */
    private void check(String what, Callable<List<String>> ask, List<String> expected) {
        String fault = null;
        try {
            List<String> got = ask.call();
            if (!got.equals(expected)) {
                fault = "expected " + expected + ", got " + got;
            }
        } catch (Exception error) {
            fault = error.toString();
        }
        if (fault != null) {
            failed++;
        }
        System.out.printf("  %-60s %s%n", what, fault == null ? "ok" : "FAILED  " + fault);
    }

    private void defaultContract() {
        String service = "helloworld.Greeter";
        Function<Helloworld.HelloReply, String> text = Helloworld.HelloReply::getMessage;

        check(service + "/SayHello", () -> {
            List<String> got = new ArrayList<>();
            for (String name : NAMES) {
                got.add(blocking().sayHello(request(name)).getMessage());
            }
            return got;
        }, greetings(NAMES));
        check(service + "/SayHelloServerStreaming",
                () -> readAll(blocking().sayHelloServerStreaming(request("World")), text), NUMBERED);
        check(service + "/SayHelloClientStreaming", () -> {
            Replies<Helloworld.HelloReply> replies = new Replies<>(text);
            return atOnce(async().sayHelloClientStreaming(replies), replies, Client::request, THREE);
        }, List.of("Hello, Alice, Bob, Charlie!"));
        check(service + "/SayHelloClientStreaming, no names", () -> {
            Replies<Helloworld.HelloReply> replies = new Replies<>(text);
            return atOnce(async().sayHelloClientStreaming(replies), replies, Client::request, List.of());
        }, List.of("Hello, !"));
        check(service + "/SayHelloBiDiStreaming", () -> {
            Replies<Helloworld.HelloReply> replies = new Replies<>(text);
            return eachInTurn(async().sayHelloBiDiStreaming(replies), replies, IN_TURN);
        }, greetings(IN_TURN));
        check(service + "/SayHelloBiDiStreaming, 10000 names", () -> {
            Replies<Helloworld.HelloReply> replies = new Replies<>(text);
            return atOnce(async().sayHelloBiDiStreaming(replies), replies, Client::request, MANY);
        }, greetings(MANY));
    }

    private void otherContract() {
        String service = "hello.Greeter";
        Function<Hello.HelloReply, String> text = Hello.HelloReply::getReply;

        check(service + "/SayHello", () -> {
            List<String> got = new ArrayList<>();
            for (String name : NAMES) {
                got.add(otherBlocking().sayHello(otherRequest(name)).getReply());
            }
            return got;
        }, greetings(NAMES));
        check(service + "/LotsOfReplies",
                () -> readAll(otherBlocking().lotsOfReplies(otherRequest("World")), text), NUMBERED);
        check(service + "/LotsOfGreetings", () -> {
            Replies<Hello.HelloReply> replies = new Replies<>(text);
            return atOnce(otherAsync().lotsOfGreetings(replies), replies, Client::otherRequest, THREE);
        }, List.of("Hello, Alice, Bob, Charlie!"));
        check(service + "/LotsOfGreetings, no names", () -> {
            Replies<Hello.HelloReply> replies = new Replies<>(text);
            return atOnce(otherAsync().lotsOfGreetings(replies), replies, Client::otherRequest, List.of());
        }, List.of("Hello, !"));
    }

    private void refused() {
        check("refused", () -> code(() -> blocking().sayHello(request(""))), List.of(Status.Code.UNAVAILABLE.name()));
    }

    private void statuses() {
        MethodDescriptor<Helloworld.HelloRequest, Helloworld.HelloReply> goodbye =
                helloworld.GreeterGrpc.getSayHelloMethod().toBuilder()
                        .setFullMethodName("helloworld.Greeter/SayGoodbye")
                        .build();
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(TIMEOUT, TimeUnit.SECONDS);
        check("an unknown method is UNIMPLEMENTED",
                () -> code(() -> ClientCalls.blockingUnaryCall(channel, goodbye, options, request("World"))),
                List.of(Status.Code.UNIMPLEMENTED.name()));
        check("a name of 5 MiB is RESOURCE_EXHAUSTED",
                () -> code(() -> blocking().sayHello(request("n".repeat(5 << 20)))),
                List.of(Status.Code.RESOURCE_EXHAUSTED.name()));
    }

    private static List<String> code(Runnable call) {
        try {
            call.run();
            return List.of(Status.Code.OK.name());
        } catch (StatusRuntimeException error) {
            return List.of(error.getStatus().getCode().name());
        }
    }

    private static Helloworld.HelloRequest request(String name) {
        return Helloworld.HelloRequest.newBuilder().setName(name).build();
    }

    private static Hello.HelloRequest otherRequest(String name) {
        return Hello.HelloRequest.newBuilder().setName(name).build();
    }

    private helloworld.GreeterGrpc.GreeterBlockingStub blocking() {
        return helloworld.GreeterGrpc.newBlockingStub(channel).withDeadlineAfter(TIMEOUT, TimeUnit.SECONDS);
    }

    private helloworld.GreeterGrpc.GreeterStub async() {
        return helloworld.GreeterGrpc.newStub(channel).withDeadlineAfter(TIMEOUT, TimeUnit.SECONDS);
    }

    private hello.GreeterGrpc.GreeterBlockingStub otherBlocking() {
        return hello.GreeterGrpc.newBlockingStub(channel).withDeadlineAfter(TIMEOUT, TimeUnit.SECONDS);
    }

    private hello.GreeterGrpc.GreeterStub otherAsync() {
        return hello.GreeterGrpc.newStub(channel).withDeadlineAfter(TIMEOUT, TimeUnit.SECONDS);
    }

    private static <Reply> List<String> readAll(Iterator<Reply> replies, Function<Reply, String> text) {
        List<String> got = new ArrayList<>();
        replies.forEachRemaining(reply -> got.add(text.apply(reply)));
        return got;
    }

    /** Sends as fast as the connection takes it, and reads at the same time. */
    private static <Request> List<String> atOnce(
            StreamObserver<Request> requests, Replies<?> replies, Function<String, Request> request, List<String> names)
            throws Exception {
        for (String name : names) {
            requests.onNext(request.apply(name));
        }
        requests.onCompleted();
        return replies.rest();
    }

    /** Sends a name only when the reply to the one before it has come. */
    private static List<String> eachInTurn(
            StreamObserver<Helloworld.HelloRequest> requests, Replies<?> replies, List<String> names)
            throws Exception {
        List<String> got = new ArrayList<>();
        for (String name : names) {
            requests.onNext(request(name));
            got.add(replies.next());
        }
        requests.onCompleted();
        got.addAll(replies.rest());
        return got;
    }

    /** The replies of one call, to be waited for. */
    private static final class Replies<Reply> implements StreamObserver<Reply> {
        /** Something that came of the call: its next reply's text, or its end. */
        private interface Event {
            /** The text, or null at the end. */
            String text() throws Exception;
        }

        private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        private final Function<Reply, String> textOf;

        Replies(Function<Reply, String> textOf) {
            this.textOf = textOf;
        }

        @Override
        public void onNext(Reply reply) {
            events.add(() -> textOf.apply(reply));
        }

        @Override
        public void onError(Throwable error) {
            events.add(() -> {
                throw new Exception(error);
            });
        }

        @Override
        public void onCompleted() {
            events.add(() -> null);
        }

        /** The next reply, or null at the end. */
        String next() throws Exception {
            Event event = events.poll(TIMEOUT, TimeUnit.SECONDS);
            if (event == null) {
                throw new TimeoutException("no reply in " + TIMEOUT + " s");
            }
            return event.text();
        }

        /** All replies to the end. */
        List<String> rest() throws Exception {
            List<String> got = new ArrayList<>();
            for (String reply = next(); reply != null; reply = next()) {
                got.add(reply);
            }
            return got;
        }
    }
}
