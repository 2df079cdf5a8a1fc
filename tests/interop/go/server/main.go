// A Greeter that is not ours: both contracts on grpc-go, without reflection.
//
//	server                          in plaintext
//	server CERT KEY [CLIENT_CA]     over TLS, with clients that show a certificate of that authority; PEM files
//
// Prints `listening on 127.0.0.1:PORT` and serves until it is told to end.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"interop/hello"
	"interop/helloworld"
)

const replies = 5

func greeting(name string) string { return "Hello, " + name + "!" }

func numbered(name string, number int) string {
	return fmt.Sprintf("%s Number %d", greeting(name), number)
}

// allNames reads to the client's half-close. Next returns one name, or io.EOF.
func allNames(next func() (string, error)) (string, error) {
	var names []string
	for {
		name, err := next()
		if errors.Is(err, io.EOF) {
			return greeting(strings.Join(names, ", ")), nil
		}
		if err != nil {
			return "", err
		}
		names = append(names, name)
	}
}

type defaultGreeter struct{}

func (defaultGreeter) SayHello(ctx context.Context, request *helloworld.HelloRequest) (*helloworld.HelloReply, error) {
	switch request.GetName() {
	case "nobody":
		return nil, status.Error(codes.NotFound, "nobody of that name: 世界")
	case "metadata":
		if err := grpc.SetHeader(ctx, metadata.Pairs("x-greeting", "hello")); err != nil {
			return nil, err
		}
		parting := metadata.Pairs("x-parting", "bye", "x-parting-bin", "\x00\x01\xff")
		if err := grpc.SetTrailer(ctx, parting); err != nil {
			return nil, err
		}
	}
	return &helloworld.HelloReply{Message: greeting(request.GetName())}, nil
}

func (defaultGreeter) SayHelloServerStreaming(request *helloworld.HelloRequest, stream helloworld.Greeter_SayHelloServerStreamingServer) error {
	for number := 1; number <= replies; number++ {
		if err := stream.Send(&helloworld.HelloReply{Message: numbered(request.GetName(), number)}); err != nil {
			return err
		}
	}
	return nil
}

func (defaultGreeter) SayHelloClientStreaming(stream helloworld.Greeter_SayHelloClientStreamingServer) error {
	together, err := allNames(func() (string, error) {
		request, err := stream.Recv()
		return request.GetName(), err
	})
	if err != nil {
		return err
	}
	return stream.SendAndClose(&helloworld.HelloReply{Message: together})
}

func (defaultGreeter) SayHelloBiDiStreaming(stream helloworld.Greeter_SayHelloBiDiStreamingServer) error {
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.Send(&helloworld.HelloReply{Message: greeting(request.GetName())}); err != nil {
			return err
		}
	}
}

type otherGreeter struct{}

func (otherGreeter) SayHello(_ context.Context, request *hello.HelloRequest) (*hello.HelloReply, error) {
	return &hello.HelloReply{Reply: greeting(request.GetName())}, nil
}

func (otherGreeter) LotsOfReplies(request *hello.HelloRequest, stream hello.Greeter_LotsOfRepliesServer) error {
	for number := 1; number <= replies; number++ {
		if err := stream.Send(&hello.HelloReply{Reply: numbered(request.GetName(), number)}); err != nil {
			return err
		}
	}
	return nil
}

func (otherGreeter) LotsOfGreetings(stream hello.Greeter_LotsOfGreetingsServer) error {
	together, err := allNames(func() (string, error) {
		request, err := stream.Recv()
		return request.GetName(), err
	})
	if err != nil {
		return err
	}
	return stream.SendAndClose(&hello.HelloReply{Reply: together})
}

// protection is that of all connections, by the PEM files that were named.
func protection(papers []string) ([]grpc.ServerOption, error) {
	if len(papers) == 0 {
		return nil, nil
	}
	if len(papers) < 2 || len(papers) > 3 {
		return nil, errors.New("usage: server [CERT KEY [CLIENT_CA]]")
	}
	own, err := tls.LoadX509KeyPair(papers[0], papers[1])
	if err != nil {
		return nil, err
	}
	config := &tls.Config{Certificates: []tls.Certificate{own}}
	if len(papers) == 3 {
		authorities, err := os.ReadFile(papers[2])
		if err != nil {
			return nil, err
		}
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		if !config.ClientCAs.AppendCertsFromPEM(authorities) {
			return nil, fmt.Errorf("%s has no certificate", papers[2])
		}
	}
	return []grpc.ServerOption{grpc.Creds(credentials.NewTLS(config))}, nil
}

func main() {
	protection, err := protection(os.Args[1:])
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(protection...)
	helloworld.RegisterGreeterServer(server, defaultGreeter{})
	hello.RegisterGreeterServer(server, otherGreeter{})

	ends := make(chan os.Signal, 1)
	signal.Notify(ends, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-ends
		server.Stop()
	}()

	fmt.Printf("listening on %s\n", listener.Addr())
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}
