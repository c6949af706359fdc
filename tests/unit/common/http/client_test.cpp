#include "common/http/client.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/server.h"
#include "tests/unit/common/http/raw_connection.h"

namespace navkeeper::http {
namespace {

using namespace std::chrono_literals;

// A peer that takes connections one after the other, reads what comes for a moment, and answers with given
// bytes.
class RudePeer {
 public:
  explicit RudePeer(std::string answer, int connections = 1)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    socklen_t length = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this, answer = std::move(answer), connections] {
      for (int i = 0; i < connections; ++i) {
        const int peer = ::accept(listener_, nullptr, nullptr);
        if (peer < 0) return;
        std::array<char, 4096> bytes{};
        const ssize_t got = ::recv(peer, bytes.data(), bytes.size(), 0);
        if (got > 0) received_ += std::string(bytes.data(), static_cast<std::size_t>(got));
        if (answer == "silence") {
          std::this_thread::sleep_for(600ms);
        } else {
          ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
        }
        ::close(peer);
      }
    });
  }
  ~RudePeer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  const std::string& received() {
    ::shutdown(listener_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    thread_ = std::jthread([] {});
    return received_;
  }

 private:
  int listener_;
  std::uint16_t port_ = 0;
  std::string received_;
  std::jthread thread_;
};

const ClientRequest kPost{.method = Method::kPost, .path = "/pay", .body = "{}"};

TEST(Client, NobodyListeningIsUnavailableForEveryMethod) {
  Client client({.base_url = "http://127.0.0.1:1"});
  EXPECT_THROW(client.send({.path = "/"}), base::Unavailable);
  EXPECT_THROW(client.send(kPost), base::Unavailable);
}

TEST(Client, AConnectionThatBreaksAfterSendingLeavesAPostInDoubt) {
  RudePeer peer("");
  EXPECT_THROW(Client({.base_url = peer.url()}).send(kPost), base::InDoubt);
}

TEST(Client, AConnectionThatBreaksAfterSendingIsUnavailableForAGet) {
  RudePeer peer("");
  EXPECT_THROW(Client({.base_url = peer.url()}).send({.path = "/"}), base::Unavailable);
}

TEST(Client, SilenceEndsAtTheDeadline) {
  RudePeer peer("silence", 2);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THROW(Client({.base_url = peer.url(), .total_timeout = 200ms}).send(kPost), base::InDoubt);
  EXPECT_THROW(Client({.base_url = peer.url(), .total_timeout = 200ms}).send({.path = "/"}),
               base::Unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1500ms);
}

TEST(Client, AnAnswerThatIsNotHttpOrCutShortIsNoAnswer) {
  for (const char* answer :
       {"garbage\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "HTTP/1.1 2"}) {
    RudePeer peer(answer);
    EXPECT_THROW(Client({.base_url = peer.url()}).send({.path = "/"}), base::Unavailable) << answer;
  }
}

TEST(Client, AnAnswerLargerThanAllowedIsNotRead) {
  RudePeer peer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'a'));
  Client client({.base_url = peer.url(), .response_bytes_max = 999});
  EXPECT_THROW(client.send({.path = "/"}), base::Unavailable);
}

TEST(Client, AnEndlessHeaderIsNotRead) {
  RudePeer peer("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'a'));
  EXPECT_THROW(Client({.base_url = peer.url()}).send({.path = "/"}), base::Unavailable);
}

TEST(Client, InformationalAnswersAreSkipped) {
  RudePeer peer("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(Client({.base_url = peer.url()}).send({.path = "/"}).body, "ok");
}

TEST(Client, RedirectsAreNotFollowed) {
  RudePeer peer("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(Client({.base_url = peer.url()}).send({.path = "/"}).status, 302);
}

TEST(Client, SendsHostPathQueryAndTrace) {
  RudePeer peer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  const log::TraceScope scope(log::Trace::start());
  Client client({.base_url = peer.url() + "/base/"});
  client.send({.path = "/a%2Fb", .query = {{"q", "x y&z"}}, .headers = {{"Idempotency-Key", "k1"}}});
  const std::string& sent = peer.received();
  EXPECT_TRUE(sent.starts_with("GET /base/a%2Fb?q=x%20y%26z HTTP/1.1\r\n")) << sent;
  EXPECT_NE(sent.find("Host: 127.0.0.1:"), std::string::npos);
  EXPECT_NE(sent.find("traceparent: 00-" + log::current_trace()->trace_id), std::string::npos);
  EXPECT_NE(sent.find("Idempotency-Key: k1\r\n"), std::string::npos);
}

TEST(Client, AHeaderWithALineEndIsRefused) {
  Client client({.base_url = "http://127.0.0.1:1"});
  EXPECT_THROW(client.send({.path = "/", .headers = {{"X-A", "b\r\nX-C: d"}}}), base::Refused);
  EXPECT_THROW(client.send({.path = "/", .headers = {{"X A", "b"}}}), base::Refused);
}

TEST(Client, AUrlThatIsNotOneIsRefused) { EXPECT_THROW(Client({.base_url = "peer:80"}), base::Refused); }

Router counting(std::shared_ptr<std::atomic<int>> calls) {
  Router router;
  router.post("/pay", [calls](const Request& r) {
    ++*calls;
    return Response::json(r.body);
  });
  router.get("/get", [](const Request&) { return Response::json("{\"a\":\"1\"}"); });
  router.get("/text", [](const Request&) { return Response::text("not json"); });
  router.get("/peer", [](const Request& r) { return Response::text(*r.headers.find("host")); });
  return router;
}

TEST(Client, AConnectionThatThePeerClosedMeanwhileIsNotUsedAgain) {
  const auto calls = std::make_shared<std::atomic<int>>(0);
  Server server(counting(calls), {.limits = {.read_timeout = 150ms}}, log::Logger::silent());
  server.start();
  Client client({.base_url = server.url()});
  EXPECT_EQ(client.send(kPost).status, 200);
  std::this_thread::sleep_for(400ms);
  EXPECT_EQ(client.send(kPost).status, 200);
  EXPECT_EQ(*calls, 2);
}

TEST(Client, JsonHelpersReadAnswersAndThrowProblems) {
  const auto calls = std::make_shared<std::atomic<int>>(0);
  Server server(counting(calls), {}, log::Logger::silent());
  server.start();
  Client client({.base_url = server.url()});
  EXPECT_EQ(client.get_json("/get").find("a")->as_string(), "1");
  EXPECT_EQ(client.post_json("/pay", "{\"b\":true}").find("b")->as_boolean(), true);
  EXPECT_THROW(client.get_json("/text"), base::Unavailable);
  EXPECT_THROW(client.get_json("/absent"), base::Refused);
}

TEST(Client, ServesSeveralThreadsAtOnce) {
  const auto calls = std::make_shared<std::atomic<int>>(0);
  Server server(counting(calls), {}, log::Logger::silent());
  server.start();
  Client client({.base_url = server.url()});
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 6; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 30; ++i) client.send(kPost);
      });
  }
  EXPECT_EQ(*calls, 180);
}

}  // namespace
}  // namespace navkeeper::http
