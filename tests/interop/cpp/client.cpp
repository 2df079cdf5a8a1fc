// Asks a `greeter serve` everything, as grpc++ asks it, and compares every reply.
//
//     client ADDR                     in plaintext
//     client ADDR CA [CERT KEY]       over TLS: whom it trusts, and who it is; PEM files
//     client ADDR CA refused          over TLS that cannot come about: one call, and how it ends
//
// Prints one row for each check, `ok` or `FAILED` with what was expected and what came.

#include <chrono>
#include <functional>
#include <iomanip>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "hello.grpc.pb.h"
#include "helloworld.grpc.pb.h"
#include "paper.h"

namespace {

using Texts = std::vector<std::string>;

// For one call. Nothing here takes a hundredth of it.
constexpr std::chrono::seconds kTimeout{20};

const Texts kNames = {"World", "", "世界 👩‍🚀 é", "a\tb\nc\x1b[31m"};
const Texts kNobody = {};
constexpr int kMany = 10'000;

std::string Greeting(const std::string& name) { return "Hello, " + name + "!"; }

Texts Greetings(const Texts& names) {
  Texts greetings;
  for (const auto& name : names) greetings.push_back(Greeting(name));
  return greetings;
}

Texts Numbered() {
  Texts replies;
  for (int number = 1; number <= 5; ++number) replies.push_back("Hello, World! Number " + std::to_string(number));
  return replies;
}

Texts Many() {
  Texts names;
  for (int number = 0; number < kMany; ++number) names.push_back(std::to_string(number));
  return names;
}

std::string Quoted(const Texts& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "\"" : ", \"") + text + "\"";
  return "[" + all + "]";
}

// What is said of a call that ended otherwise than it should.
void MustBeOk(const grpc::Status& status) {
  if (!status.ok()) {
    throw std::runtime_error("status " + std::to_string(status.error_code()) + ": " + status.error_message());
  }
}

// A call's context, with its deadline.
class Context : public grpc::ClientContext {
 public:
  Context() { set_deadline(std::chrono::system_clock::now() + kTimeout); }
};

class Checks {
 public:
  // A check that throws has failed; the others go on.
  void Run(const std::string& what, const std::function<Texts()>& ask, const Texts& expected) {
    std::string fault;
    try {
      const Texts got = ask();
      if (got != expected) fault = "expected " + Quoted(expected) + ", got " + Quoted(got);
    } catch (const std::exception& error) {
      fault = error.what();
    }
    if (!fault.empty()) ++failed_;
    std::cout << "  " << std::left << std::setw(60) << what << (fault.empty() ? " ok" : " FAILED  " + fault) << std::endl;
  }

  int failed() const { return failed_; }

 private:
  int failed_ = 0;
};

// How the two contracts name their field.
std::string TextOf(const helloworld::HelloReply& reply) { return reply.message(); }
std::string TextOf(const hello::HelloReply& reply) { return reply.reply(); }

template <typename Request>
Request Named(const std::string& name) {
  Request request;
  request.set_name(name);
  return request;
}

// Each in a call of its own.
template <typename Request, typename Reply, typename Stub>
Texts Unary(Stub& stub, const Texts& names) {
  Texts got;
  for (const auto& name : names) {
    Context context;
    Reply reply;
    MustBeOk(stub.SayHello(&context, Named<Request>(name), &reply));
    got.push_back(TextOf(reply));
  }
  return got;
}

template <typename Reply>
Texts ReadAll(grpc::ClientReader<Reply>& replies) {
  Texts got;
  Reply reply;
  while (replies.Read(&reply)) got.push_back(TextOf(reply));
  MustBeOk(replies.Finish());
  return got;
}

template <typename Request, typename Reply>
Texts WriteAll(grpc::ClientWriter<Request>& requests, const Reply& reply, const Texts& names) {
  for (const auto& name : names) {
    if (!requests.Write(Named<Request>(name))) break;
  }
  requests.WritesDone();
  MustBeOk(requests.Finish());
  return {TextOf(reply)};
}

void DefaultContract(Checks& checks, const std::shared_ptr<grpc::Channel>& channel) {
  using Request = helloworld::HelloRequest;
  using Reply = helloworld::HelloReply;
  const std::string service = "helloworld.Greeter";
  const auto stub = helloworld::Greeter::NewStub(channel);

  const auto client_stream = [&](const Texts& names) {
    Context context;
    Reply reply;
    return WriteAll(*stub->SayHelloClientStreaming(&context, &reply), reply, names);
  };
  // Sends a name only when the reply to the one before it has come.
  const auto each_in_turn = [&](const Texts& names) {
    Context context;
    const auto stream = stub->SayHelloBiDiStreaming(&context);
    Texts got;
    Reply reply;
    for (const auto& name : names) {
      if (!stream->Write(Named<Request>(name)) || !stream->Read(&reply)) break;
      got.push_back(TextOf(reply));
    }
    stream->WritesDone();
    while (stream->Read(&reply)) got.push_back(TextOf(reply));
    MustBeOk(stream->Finish());
    return got;
  };
  // Sends as fast as the connection takes it, and reads at the same time.
  const auto at_once = [&](const Texts& names) {
    Context context;
    const auto stream = stub->SayHelloBiDiStreaming(&context);
    std::thread writer([&] {
      for (const auto& name : names) {
        if (!stream->Write(Named<Request>(name))) break;
      }
      stream->WritesDone();
    });
    Texts got;
    Reply reply;
    while (stream->Read(&reply)) got.push_back(TextOf(reply));
    writer.join();
    MustBeOk(stream->Finish());
    return got;
  };

  checks.Run(service + "/SayHello", [&] { return Unary<Request, Reply>(*stub, kNames); }, Greetings(kNames));
  checks.Run(service + "/SayHelloServerStreaming", [&] {
    Context context;
    return ReadAll(*stub->SayHelloServerStreaming(&context, Named<Request>("World")));
  }, Numbered());
  checks.Run(service + "/SayHelloClientStreaming", [&] { return client_stream({"Alice", "Bob", "Charlie"}); },
             {"Hello, Alice, Bob, Charlie!"});
  checks.Run(service + "/SayHelloClientStreaming, no names", [&] { return client_stream(kNobody); }, {"Hello, !"});
  checks.Run(service + "/SayHelloBiDiStreaming", [&] { return each_in_turn({"Dave", "Eve", "Frank"}); },
             Greetings({"Dave", "Eve", "Frank"}));
  checks.Run(service + "/SayHelloBiDiStreaming, 10000 names", [&] { return at_once(Many()); }, Greetings(Many()));
}

void OtherContract(Checks& checks, const std::shared_ptr<grpc::Channel>& channel) {
  using Request = hello::HelloRequest;
  using Reply = hello::HelloReply;
  const std::string service = "hello.Greeter";
  const auto stub = hello::Greeter::NewStub(channel);

  const auto client_stream = [&](const Texts& names) {
    Context context;
    Reply reply;
    return WriteAll(*stub->LotsOfGreetings(&context, &reply), reply, names);
  };

  checks.Run(service + "/SayHello", [&] { return Unary<Request, Reply>(*stub, kNames); }, Greetings(kNames));
  checks.Run(service + "/LotsOfReplies", [&] {
    Context context;
    return ReadAll(*stub->LotsOfReplies(&context, Named<Request>("World")));
  }, Numbered());
  checks.Run(service + "/LotsOfGreetings", [&] { return client_stream({"Alice", "Bob", "Charlie"}); },
             {"Hello, Alice, Bob, Charlie!"});
  checks.Run(service + "/LotsOfGreetings, no names", [&] { return client_stream(kNobody); }, {"Hello, !"});
}

// A unary call by path, of a method that no contract has.
grpc::Status AskByPath(const std::shared_ptr<grpc::Channel>& channel, const std::string& path) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  Context context;
  grpc::ByteBuffer reply;
  grpc::Status status;
  const auto call = stub.PrepareUnaryCall(&context, path, grpc::ByteBuffer(), &queue);
  call->StartCall();
  call->Finish(&reply, &status, nullptr);
  void* tag = nullptr;
  bool completed = false;
  queue.Next(&tag, &completed);
  return status;
}

Texts Code(grpc::StatusCode code) { return {std::to_string(code)}; }

void Refused(Checks& checks, const std::shared_ptr<grpc::Channel>& channel) {
  checks.Run("refused", [&] {
    Context context;
    helloworld::HelloReply reply;
    return Code(helloworld::Greeter::NewStub(channel)->SayHello(&context, {}, &reply).error_code());
  }, Code(grpc::StatusCode::UNAVAILABLE));
}

void Statuses(Checks& checks, const std::shared_ptr<grpc::Channel>& channel) {
  checks.Run("an unknown method is UNIMPLEMENTED", [&] {
    return Code(AskByPath(channel, "/helloworld.Greeter/SayGoodbye").error_code());
  }, Code(grpc::StatusCode::UNIMPLEMENTED));
  checks.Run("a name of 5 MiB is RESOURCE_EXHAUSTED", [&] {
    Context context;
    helloworld::HelloReply reply;
    const auto large = Named<helloworld::HelloRequest>(std::string(5 << 20, 'n'));
    return Code(helloworld::Greeter::NewStub(channel)->SayHello(&context, large, &reply).error_code());
  }, Code(grpc::StatusCode::RESOURCE_EXHAUSTED));
}

std::shared_ptr<grpc::ChannelCredentials> Credentials(const std::vector<std::string>& papers) {
  if (papers.empty()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = Paper(papers[0]);
  if (papers.size() == 3) {
    options.pem_cert_chain = Paper(papers[1]);
    options.pem_private_key = Paper(papers[2]);
  }
  return grpc::SslCredentials(options);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 5) {
    std::cerr << "usage: client ADDR [CA [CERT KEY | refused]]\n";
    return 2;
  }
  std::vector<std::string> papers(argv + 2, argv + argc);
  const bool is_refused = papers.size() == 2 && papers[1] == "refused";
  if (is_refused) papers.pop_back();
  const auto channel = grpc::CreateChannel(argv[1], Credentials(papers));
  Checks checks;
  if (is_refused) {
    Refused(checks, channel);
  } else {
    DefaultContract(checks, channel);
    OtherContract(checks, channel);
    Statuses(checks, channel);
  }
  if (checks.failed() > 0) {
    std::cerr << "  " << checks.failed() << " of the checks against greeter serve failed\n";
    return 1;
  }
}
