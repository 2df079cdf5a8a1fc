// A Greeter that is not ours: both contracts on grpc++, without reflection.
//
//     server                          in plaintext
//     server CERT KEY [CLIENT_CA]     over TLS, with clients that show a certificate of that authority; PEM files
//
// Prints `listening on 127.0.0.1:PORT` and serves until it is told to end.

#include <csignal>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "hello.grpc.pb.h"
#include "helloworld.grpc.pb.h"
#include "paper.h"

namespace {

using grpc::Server;
using grpc::ServerBuilder;
using grpc::ServerContext;
using grpc::ServerReader;
using grpc::ServerReaderWriter;
using grpc::ServerWriter;
using grpc::Status;
using grpc::StatusCode;

constexpr int kReplies = 5;

std::string Greeting(const std::string& name) { return "Hello, " + name + "!"; }

std::string Numbered(const std::string& name, int number) {
  return Greeting(name) + " Number " + std::to_string(number);
}

template <typename Request>
std::string Together(ServerReader<Request>& requests) {
  std::string names;
  Request request;
  for (bool first = true; requests.Read(&request); first = false) {
    if (!first) names += ", ";
    names += request.name();
  }
  return Greeting(names);
}

class DefaultGreeter final : public helloworld::Greeter::Service {
  using Request = helloworld::HelloRequest;
  using Reply = helloworld::HelloReply;

  Status SayHello(ServerContext* context, const Request* request, Reply* reply) override {
    if (request->name() == "nobody") return {StatusCode::NOT_FOUND, "nobody of that name: 世界"};
    if (request->name() == "metadata") {
      context->AddInitialMetadata("x-greeting", "hello");
      context->AddTrailingMetadata("x-parting", "bye");
      context->AddTrailingMetadata("x-parting-bin", std::string("\x00\x01\xff", 3));
    }
    reply->set_message(Greeting(request->name()));
    return Status::OK;
  }

  Status SayHelloServerStreaming(ServerContext*, const Request* request, ServerWriter<Reply>* replies) override {
    Reply reply;
    for (int number = 1; number <= kReplies; ++number) {
      reply.set_message(Numbered(request->name(), number));
      if (!replies->Write(reply)) break;
    }
    return Status::OK;
  }

  Status SayHelloClientStreaming(ServerContext*, ServerReader<Request>* requests, Reply* reply) override {
    reply->set_message(Together(*requests));
    return Status::OK;
  }

  Status SayHelloBiDiStreaming(ServerContext*, ServerReaderWriter<Reply, Request>* stream) override {
    Request request;
    Reply reply;
    while (stream->Read(&request)) {
      reply.set_message(Greeting(request.name()));
      if (!stream->Write(reply)) break;
    }
    return Status::OK;
  }
};

class OtherGreeter final : public hello::Greeter::Service {
  using Request = hello::HelloRequest;
  using Reply = hello::HelloReply;

  Status SayHello(ServerContext*, const Request* request, Reply* reply) override {
    reply->set_reply(Greeting(request->name()));
    return Status::OK;
  }

  Status LotsOfReplies(ServerContext*, const Request* request, ServerWriter<Reply>* replies) override {
    Reply reply;
    for (int number = 1; number <= kReplies; ++number) {
      reply.set_reply(Numbered(request->name(), number));
      if (!replies->Write(reply)) break;
    }
    return Status::OK;
  }

  Status LotsOfGreetings(ServerContext*, ServerReader<Request>* requests, Reply* reply) override {
    reply->set_reply(Together(*requests));
    return Status::OK;
  }
};

std::shared_ptr<grpc::ServerCredentials> Credentials(const std::vector<std::string>& papers) {
  if (papers.empty()) return grpc::InsecureServerCredentials();
  if (papers.size() < 2) throw std::runtime_error("usage: server [CERT KEY [CLIENT_CA]]");
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({Paper(papers[1]), Paper(papers[0])});
  if (papers.size() == 3) {
    options.pem_root_certs = Paper(papers[2]);
    options.client_certificate_request = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return grpc::SslServerCredentials(options);
}

}  // namespace

int main(int argc, char** argv) {
  // Blocked before a thread is started, so that all of them leave the signals to sigwait.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  DefaultGreeter default_greeter;
  OtherGreeter other_greeter;
  int port = 0;
  ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", Credentials({argv + 1, argv + argc}), &port);
  builder.RegisterService(&default_greeter);
  builder.RegisterService(&other_greeter);
  const std::unique_ptr<Server> server = builder.BuildAndStart();
  if (!server || port == 0) {
    std::cerr << "cannot listen on 127.0.0.1\n";
    return 1;
  }
  std::cout << "listening on 127.0.0.1:" << port << std::endl;

  int signal = 0;
  sigwait(&ends, &signal);
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}
