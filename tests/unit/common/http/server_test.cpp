// The server over real sockets: what it answers, what it bounds, how it stops.
#include "common/http/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <future>
#include <latch>
#include <random>
#include <thread>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/client.h"
#include "common/http/health.h"
#include "tests/unit/common/http/raw_connection.h"

namespace navkeeper::http {
namespace {

using namespace std::chrono_literals;

Router sample() {
  Router router;
  router.get("/hello", [](const Request&) { return Response::json(R"({"hello":"world"})"); });
  router.post("/echo", [](const Request& r) { return Response::json(r.body); });
  router.get("/query", [](const Request& r) {
    return Response::text(r.query_value("q") ? *r.query_value("q") : "none");
  });
  router.get("/slow", [](const Request&) {
    std::this_thread::sleep_for(300ms);
    return Response::text("done");
  });
  router.get("/trace", [](const Request& r) { return Response::text(r.trace.trace_id); });
  add_health_routes(router, {{"database", [] {}}}, [] { return std::string("up 1\n"); });
  return router;
}

std::unique_ptr<Server> serve(ServerLimits limits = {}, Router router = sample()) {
  auto server =
      std::make_unique<Server>(std::move(router), ServerOptions{.limits = limits}, log::Logger::silent());
  server->start();
  return server;
}

Client client_of(const Server& server) { return Client({.base_url = server.url()}); }

std::string talk(const Server& server, std::string_view bytes, std::chrono::milliseconds limit = 5s) {
  RawConnection connection(server.port());
  connection.send(bytes);
  return connection.receive({}, limit);
}

TEST(Server, AnswersWithContentTypeAndLength) {
  const auto server = serve();
  const std::string answer = talk(*server, "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_NE(answer.find("Content-Type: application/json\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Content-Length: 17\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n{\"hello\":\"world\"}"));
}

TEST(Server, HeadHasTheLengthAndNoBody) {
  const auto server = serve();
  const std::string answer = talk(*server, "HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 17\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(Server, ErrorsAreProblemsToo) {
  const auto server = serve();
  Client client = client_of(*server);
  const Response response = client.send({.path = "/nothing"});
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(client.send({.method = Method::kDelete, .path = "/hello"}).status, 405);
}

TEST(Server, PipelinedRequestsAreAnsweredInTheirOrder) {
  const auto server = serve();
  const std::string answer = talk(*server,
                                  "GET /query?q=first HTTP/1.1\r\nHost: x\r\n\r\nPOST /echo "
                                  "HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                  "Content-Length: 8\r\n\r\n\"second\"GET /query?q=third "
                                  "HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::size_t first = answer.find("first");
  const std::size_t second = answer.find("\"second\"");
  const std::size_t third = answer.find("third");
  ASSERT_NE(third, std::string::npos) << answer;
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
}

TEST(Server, GarbageIsRefusedAndTheConnectionClosed) {
  const auto server = serve();
  std::mt19937 random(7);
  for (int i = 0; i < 20; ++i) {
    std::string bytes;
    for (int k = 0; k < 2000; ++k) bytes.push_back(static_cast<char>(random()));
    const std::string answer = talk(*server, bytes + "\r\n\r\n", 2s);
    EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 4")) << answer;
  }
  EXPECT_EQ(client_of(*server).send({.path = "/hello"}).status, 200);
}

TEST(Server, MalformedMessagesAreRefused) {
  const auto server = serve();
  for (const char* bad :
       {"GET /hello HTTP/1.1\r\n\r\n", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET http://x/hello HTTP/1.1\r\nHost: x\r\n\r\n", "GET /hello#f HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /query?q=%zz HTTP/1.1\r\nHost: x\r\n\r\n", "GET /query?q=1&q=2 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET /hello HTTP/9.9\r\nHost: x\r\n\r\n",
        // Two lengths of one body: request smuggling (ASVS 4.2.1).
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"}) {
    const std::string answer = talk(*server, bad, 2s);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << bad << " -> " << answer;
  }
  EXPECT_TRUE(talk(*server, "BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n", 2s).starts_with("HTTP/1.1 501 "));
}

TEST(Server, AHeaderThatIsTooLargeIsRefused) {
  const auto server = serve({.header_bytes_max = 4096});
  const std::string answer =
      talk(*server, "GET /hello HTTP/1.1\r\nHost: x\r\nX-Big: " + std::string(10'000, 'a') + "\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 431 ")) << answer;
}

TEST(Server, ABodyThatIsTooLargeIsRefused) {
  const auto server = serve({.body_bytes_max = 1000});
  const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  const std::string told = talk(*server, head + "Content-Length: 1001\r\n\r\n" + std::string(1001, '1'));
  EXPECT_TRUE(told.starts_with("HTTP/1.1 413 ")) << told;
  const std::string chunked = talk(*server, head + "Transfer-Encoding: chunked\r\n\r\n800\r\n" +
                                                std::string(0x800, '1') + "\r\n0\r\n\r\n");
  EXPECT_TRUE(chunked.starts_with("HTTP/1.1 413 ")) << chunked;
  EXPECT_EQ(client_of(*server)
                .send({.method = Method::kPost, .path = "/echo", .body = std::string(1000, '1')})
                .status,
            200);
}

TEST(Server, AClientThatDribblesIsCutOffAfterTheTimeForTheWholeMessage) {
  const auto server = serve({.read_timeout = 300ms});
  RawConnection slow(server->port());
  const auto begin = std::chrono::steady_clock::now();
  bool taken = slow.send("GET /hello HTTP/1.1\r\nHost: x\r\n");
  while (taken && std::chrono::steady_clock::now() - begin < 5s) {
    if (slow.receive("never", 50ms).empty() && slow.closed()) break;
    taken = slow.send("X-A: b\r\n");
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
}

TEST(Server, AnIdleConnectionIsClosed) {
  const auto server = serve({.read_timeout = 200ms});
  RawConnection idle(server->port());
  EXPECT_EQ(idle.receive({}, 3s), "");
  EXPECT_TRUE(idle.closed());
}

constexpr std::string_view kHello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

bool is_answered(RawConnection& connection, std::string_view request = kHello) {
  connection.send(request);
  return connection.receive("world\"}", 3s).find("200 OK") != std::string::npos;
}

TEST(Server, WhereAllConnectionsWorkAFurtherOneIsToldSo) {
  std::promise<void> release;
  Router router = sample();
  router.get("/held", [held = release.get_future().share()](const Request&) {
    held.wait();
    return Response::text("released");
  });
  const auto server = serve({.connections_max = 2}, std::move(router));
  RawConnection first(server->port());
  RawConnection second(server->port());
  for (RawConnection* held : {&first, &second}) held->send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string answer;
  for (int attempt = 0; attempt < 20 && !answer.starts_with("HTTP/1.1 503 "); ++attempt) {
    RawConnection third(server->port());  // As long as one of the two is still read it is closed instead.
    answer = third.receive({}, 200ms);
  }
  EXPECT_TRUE(answer.ends_with("\"code\":\"busy\",\"detail\":\"too many connections\"}")) << answer;
  release.set_value();
  EXPECT_NE(second.receive("released").find("200 OK"), std::string::npos);
}

TEST(Server, TheOneThatWaitsLongestIsClosedForAFurtherOneWhoHasSentNothingFirst) {
  const auto server = serve({.connections_max = 3});
  RawConnection idle(server->port());
  EXPECT_TRUE(is_answered(idle));
  RawConnection half(server->port());
  half.send("GET /hello HTTP/1.1\r\n");
  RawConnection silent(server->port());
  std::this_thread::sleep_for(50ms);
  RawConnection fourth(server->port());
  EXPECT_TRUE(is_answered(fourth));
  silent.receive({}, 2s);
  EXPECT_TRUE(silent.closed());
  RawConnection fifth(server->port());
  EXPECT_TRUE(is_answered(fifth));
  half.receive({}, 2s);
  EXPECT_TRUE(half.closed());
  EXPECT_TRUE(is_answered(idle)) << "it is no longer the one that is idle longest";
  RawConnection sixth(server->port());
  EXPECT_TRUE(is_answered(sixth));
  fourth.receive({}, 2s);
  EXPECT_TRUE(fourth.closed());
  EXPECT_TRUE(is_answered(idle));
}

TEST(Server, ConnectionsThatNeverSendARequestKeepNobodyOut) {
  const auto server = serve();
  for (const std::string_view begun : {"", "GET /hello HTTP/1.1\r\nHost:"}) {
    std::deque<RawConnection> half_open;
    for (int i = 0; i < 600; ++i) {
      half_open.emplace_back(server->port());
      ASSERT_TRUE(half_open.back().connected());
      half_open.back().send(begun);
    }
    for (int i = 0; i < 20; ++i) EXPECT_EQ(client_of(*server).send({.path = "/hello"}).status, 200);
  }
}

TEST(Server, OneAddressTakesNoConnectionFromAnother) {
  const auto server = serve({.connections_max = 4, .connections_per_peer_max = 2});
  RawConnection other(server->port(), 2);
  EXPECT_TRUE(is_answered(other));
  std::deque<RawConnection> many;
  for (int i = 0; i < 10; ++i) {
    many.emplace_back(server->port());
    EXPECT_TRUE(is_answered(many.back()));
  }
  EXPECT_TRUE(is_answered(other));
  EXPECT_TRUE(is_answered(many.back()));
}

TEST(Server, WhoHasSentNoHeaderYetHasLessTimeThanAWholeMessage) {
  const auto server = serve({.first_header_timeout = 200ms});
  RawConnection silent(server->port());
  RawConnection slow(server->port());
  slow.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(silent.receive({}, 3s), "");
  EXPECT_TRUE(silent.closed());
  std::this_thread::sleep_for(300ms);
  slow.send("42");
  EXPECT_NE(slow.receive("\r\n\r\n42").find("200 OK"), std::string::npos);
  std::this_thread::sleep_for(300ms);
  EXPECT_TRUE(is_answered(slow)) << "one that was served may be idle longer";
}

TEST(Server, ManyClientsAtOnceGetTheirOwnAnswers) {
  const auto server = serve();
  constexpr int kClients = 8;
  constexpr int kRequests = 50;
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int c = 0; c < kClients; ++c)
      threads.emplace_back([&, c] {
        Client client = client_of(*server);
        for (int i = 0; i < kRequests; ++i) {
          const std::string body = std::to_string(c * kRequests + i);
          if (client.send({.method = Method::kPost, .path = "/echo", .body = body}).body == body) ++right;
        }
      });
  }
  EXPECT_EQ(right, kClients * kRequests);
}

TEST(Server, ExpectContinueIsAnswered) {
  const auto server = serve();
  RawConnection connection(server->port());
  connection.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: "
      "100-continue\r\n\r\n");
  EXPECT_EQ(connection.receive("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  connection.send("42");
  EXPECT_NE(connection.receive("\r\n\r\n42").find("200 OK"), std::string::npos);
}

TEST(Server, AnOrderlyStopFinishesWhatWasBegunAndTakesNothingNew) {
  auto server = serve();
  const std::uint16_t port = server->port();
  RawConnection idle(port);
  idle.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.receive("world\"}");
  auto slow = std::async(std::launch::async, [port] {
    RawConnection connection(port);
    connection.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    return connection.receive();
  });
  std::this_thread::sleep_for(100ms);
  EXPECT_TRUE(server->stop(5s));
  EXPECT_TRUE(slow.get().ends_with("done"));
  idle.receive({}, 1s);
  EXPECT_TRUE(idle.closed());
  EXPECT_FALSE(RawConnection(port).connected());
}

TEST(Server, AStopCutsOffWhatDoesNotFinishInTime) {
  auto server = serve();
  RawConnection half(server->port());
  half.send("GET /hello HTTP/1.1\r\nHost:");
  std::this_thread::sleep_for(100ms);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(server->stop(200ms));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
}

TEST(Server, AnAddressInUseOrWrongIsToldAtOnce) {
  const auto server = serve();
  EXPECT_THROW(Server(sample(), {.port = server->port()}, log::Logger::silent()), base::Unavailable);
  EXPECT_THROW(Server(sample(), {.address = "not an address"}, log::Logger::silent()), base::Refused);
}

TEST(Server, TellsTheListenerWhatWasAnswered) {
  std::promise<Exchange> told;
  Server server(sample(), {.on_exchange = [&](const Exchange& e) { told.set_value(e); }},
                log::Logger::silent());
  server.start();
  client_of(server).send({.path = "/hello"});
  const Exchange exchange = told.get_future().get();
  EXPECT_EQ(exchange.route, "/hello");
  EXPECT_EQ(exchange.status, 200);
}

TEST(Server, HealthReadinessAndMetricsAreServed) {
  Router router;
  add_health_routes(router, {{"good", [] {}}, {"bad", [] { throw base::Unavailable("no"); }}},
                    [] { return std::string("up 1\n"); });
  const auto server = serve({}, std::move(router));
  Client client = client_of(*server);
  EXPECT_EQ(client.send({.path = "/healthz"}).status, 200);
  const Response ready = client.send({.path = "/readyz"});
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.body, R"({"status":"not_ready","checks":{"good":true,"bad":false}})");
  EXPECT_EQ(client.send({.path = "/metrics"}).body, "up 1\n");
}

}  // namespace
}  // namespace navkeeper::http
