// Asks a `greeter serve` everything, as grpc-go asks it, and compares every reply.
//
//	client ADDR                     in plaintext
//	client ADDR CA [CERT KEY]       over TLS: whom it trusts, and who it is; PEM files
//	client ADDR CA refused          over TLS that cannot come about: one call, and how it ends
//
// Prints one row for each check, `ok` or `FAILED` with what was expected and what came.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"interop/hello"
	"interop/helloworld"
)

// timeout is for one call. Nothing here takes a hundredth of it.
const timeout = 20 * time.Second

const many = 10_000

var (
	names    = []string{"World", "", "世界 👩‍🚀 é", "a\tb\nc\x1b[31m"}
	three    = []string{"Alice", "Bob", "Charlie"}
	inTurn   = []string{"Dave", "Eve", "Frank"}
	numbered = []string{
		"Hello, World! Number 1",
		"Hello, World! Number 2",
		"Hello, World! Number 3",
		"Hello, World! Number 4",
		"Hello, World! Number 5",
	}
)

func greetings(names []string) []string {
	var all []string
	for _, name := range names {
		all = append(all, "Hello, "+name+"!")
	}
	return all
}

func manyNames() []string {
	all := make([]string, many)
	for number := range all {
		all[number] = strconv.Itoa(number)
	}
	return all
}

// ask makes one or more calls and returns the texts of all replies.
type ask func(ctx context.Context) ([]string, error)

type checks struct{ failed int }

// run makes one check. One that ends in an error has failed; the others go on.
func (c *checks) run(what string, ask ask, expected []string) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	got, err := ask(ctx)
	switch {
	case err != nil:
		c.fail(what, err.Error())
	case !reflect.DeepEqual(got, expected):
		c.fail(what, fmt.Sprintf("expected %q, got %q", expected, got))
	default:
		fmt.Printf("  %-60s ok\n", what)
	}
}

func (c *checks) fail(what, why string) {
	c.failed++
	fmt.Printf("  %-60s FAILED  %s\n", what, why)
}

// each asks once for each name.
func each(names []string, ask func(name string) (string, error)) ([]string, error) {
	var got []string
	for _, name := range names {
		reply, err := ask(name)
		if err != nil {
			return got, err
		}
		got = append(got, reply)
	}
	return got, nil
}

// readAll reads to the end of the stream. Next returns one reply, or io.EOF.
func readAll(next func() (string, error)) ([]string, error) {
	var got []string
	for {
		reply, err := next()
		if errors.Is(err, io.EOF) {
			return got, nil
		}
		if err != nil {
			return got, err
		}
		got = append(got, reply)
	}
}

func sendAll(names []string, send func(name string) error) error {
	for _, name := range names {
		if err := send(name); err != nil {
			return err
		}
	}
	return nil
}

func defaultContract(c *checks, connection *grpc.ClientConn) {
	const service = "helloworld.Greeter"
	stub := helloworld.NewGreeterClient(connection)

	clientStream := func(names []string) ask {
		return func(ctx context.Context) ([]string, error) {
			stream, err := stub.SayHelloClientStreaming(ctx)
			if err != nil {
				return nil, err
			}
			if err := sendAll(names, func(name string) error {
				return stream.Send(&helloworld.HelloRequest{Name: name})
			}); err != nil {
				return nil, err
			}
			reply, err := stream.CloseAndRecv()
			return []string{reply.GetMessage()}, err
		}
	}

	c.run(service+"/SayHello", func(ctx context.Context) ([]string, error) {
		return each(names, func(name string) (string, error) {
			reply, err := stub.SayHello(ctx, &helloworld.HelloRequest{Name: name})
			return reply.GetMessage(), err
		})
	}, greetings(names))
	c.run(service+"/SayHelloServerStreaming", func(ctx context.Context) ([]string, error) {
		stream, err := stub.SayHelloServerStreaming(ctx, &helloworld.HelloRequest{Name: "World"})
		if err != nil {
			return nil, err
		}
		return readAll(func() (string, error) {
			reply, err := stream.Recv()
			return reply.GetMessage(), err
		})
	}, numbered)
	c.run(service+"/SayHelloClientStreaming", clientStream(three), []string{"Hello, Alice, Bob, Charlie!"})
	c.run(service+"/SayHelloClientStreaming, no names", clientStream(nil), []string{"Hello, !"})
	c.run(service+"/SayHelloBiDiStreaming", func(ctx context.Context) ([]string, error) {
		return eachInTurn(ctx, stub, inTurn)
	}, greetings(inTurn))
	c.run(service+"/SayHelloBiDiStreaming, 10000 names", func(ctx context.Context) ([]string, error) {
		return atOnce(ctx, stub, manyNames())
	}, greetings(manyNames()))
}

// eachInTurn sends a name only when the reply to the one before it has come.
func eachInTurn(ctx context.Context, stub helloworld.GreeterClient, names []string) ([]string, error) {
	stream, err := stub.SayHelloBiDiStreaming(ctx)
	if err != nil {
		return nil, err
	}
	next := func() (string, error) {
		reply, err := stream.Recv()
		return reply.GetMessage(), err
	}
	got, err := each(names, func(name string) (string, error) {
		if err := stream.Send(&helloworld.HelloRequest{Name: name}); err != nil {
			return "", err
		}
		return next()
	})
	if err != nil {
		return got, err
	}
	if err := stream.CloseSend(); err != nil {
		return got, err
	}
	rest, err := readAll(next)
	return append(got, rest...), err
}

// atOnce sends as fast as the connection takes it, and reads at the same time.
func atOnce(ctx context.Context, stub helloworld.GreeterClient, names []string) ([]string, error) {
	stream, err := stub.SayHelloBiDiStreaming(ctx)
	if err != nil {
		return nil, err
	}
	sent := make(chan error, 1)
	go func() {
		err := sendAll(names, func(name string) error {
			return stream.Send(&helloworld.HelloRequest{Name: name})
		})
		if err == nil {
			err = stream.CloseSend()
		}
		sent <- err
	}()
	got, err := readAll(func() (string, error) {
		reply, err := stream.Recv()
		return reply.GetMessage(), err
	})
	if err != nil {
		return got, err
	}
	return got, <-sent
}

func otherContract(c *checks, connection *grpc.ClientConn) {
	const service = "hello.Greeter"
	stub := hello.NewGreeterClient(connection)

	clientStream := func(names []string) ask {
		return func(ctx context.Context) ([]string, error) {
			stream, err := stub.LotsOfGreetings(ctx)
			if err != nil {
				return nil, err
			}
			if err := sendAll(names, func(name string) error {
				return stream.Send(&hello.HelloRequest{Name: name})
			}); err != nil {
				return nil, err
			}
			reply, err := stream.CloseAndRecv()
			return []string{reply.GetReply()}, err
		}
	}

	c.run(service+"/SayHello", func(ctx context.Context) ([]string, error) {
		return each(names, func(name string) (string, error) {
			reply, err := stub.SayHello(ctx, &hello.HelloRequest{Name: name})
			return reply.GetReply(), err
		})
	}, greetings(names))
	c.run(service+"/LotsOfReplies", func(ctx context.Context) ([]string, error) {
		stream, err := stub.LotsOfReplies(ctx, &hello.HelloRequest{Name: "World"})
		if err != nil {
			return nil, err
		}
		return readAll(func() (string, error) {
			reply, err := stream.Recv()
			return reply.GetReply(), err
		})
	}, numbered)
	c.run(service+"/LotsOfGreetings", clientStream(three), []string{"Hello, Alice, Bob, Charlie!"})
	c.run(service+"/LotsOfGreetings, no names", clientStream(nil), []string{"Hello, !"})
}

func code(err error) ([]string, error) { return []string{status.Code(err).String()}, nil }

func refused(c *checks, connection *grpc.ClientConn) {
	c.run("refused", func(ctx context.Context) ([]string, error) {
		_, err := helloworld.NewGreeterClient(connection).SayHello(ctx, &helloworld.HelloRequest{})
		return code(err)
	}, []string{codes.Unavailable.String()})
}

func statuses(c *checks, connection *grpc.ClientConn) {
	c.run("an unknown method is UNIMPLEMENTED", func(ctx context.Context) ([]string, error) {
		request, reply := &helloworld.HelloRequest{}, &helloworld.HelloReply{}
		return code(connection.Invoke(ctx, "/helloworld.Greeter/SayGoodbye", request, reply))
	}, []string{codes.Unimplemented.String()})
	c.run("a name of 5 MiB is RESOURCE_EXHAUSTED", func(ctx context.Context) ([]string, error) {
		large := &helloworld.HelloRequest{Name: strings.Repeat("n", 5<<20)}
		_, err := helloworld.NewGreeterClient(connection).SayHello(ctx, large)
		return code(err)
	}, []string{codes.ResourceExhausted.String()})
}

// protection is that of the connection, by the PEM files that were named.
func protection(papers []string) (grpc.DialOption, error) {
	if len(papers) == 0 {
		return grpc.WithInsecure(), nil
	}
	authorities, err := os.ReadFile(papers[0])
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	if !config.RootCAs.AppendCertsFromPEM(authorities) {
		return nil, fmt.Errorf("%s has no certificate", papers[0])
	}
	if len(papers) == 3 {
		own, err := tls.LoadX509KeyPair(papers[1], papers[2])
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{own}
	}
	return grpc.WithTransportCredentials(credentials.NewTLS(config)), nil
}

func main() {
	if len(os.Args) < 2 || len(os.Args) > 5 {
		fmt.Fprintln(os.Stderr, "usage: client ADDR [CA [CERT KEY | refused]]")
		os.Exit(2)
	}
	address, papers, groups := os.Args[1], os.Args[2:], []func(*checks, *grpc.ClientConn){defaultContract, otherContract, statuses}
	if len(papers) == 2 && papers[1] == "refused" {
		papers, groups = papers[:1], []func(*checks, *grpc.ClientConn){refused}
	}
	protection, err := protection(papers)
	if err != nil {
		log.Fatal(err)
	}
	connection, err := grpc.Dial(address, protection)
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	var c checks
	for _, group := range groups {
		group(&c, connection)
	}
	if c.failed > 0 {
		log.Fatalf("%d of the checks against greeter serve failed", c.failed)
	}
}
