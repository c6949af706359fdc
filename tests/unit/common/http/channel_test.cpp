// Routes that answer with a channel: the connection becomes a websocket on which what is published arrives.
#include "common/http/channel.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "common/base/outside.h"
#include "common/http/client.h"
#include "common/http/problem.h"
#include "common/http/server.h"
#include "common/http/websocket.h"
#include "tests/unit/common/http/raw_connection.h"

namespace navkeeper::http {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
constexpr std::chrono::milliseconds kLong = 30s;

class ChannelRoute : public ::testing::Test {
 protected:
  void serve(ServerLimits limits = {}, std::string first = "latest") {
    Router router;
    router.get("/values", [this, first](const Request& request) {
      if (request.headers.find("authorization") == nullptr)
        throw ProblemError(unauthenticated("a token is needed"));
      Response response = Response::json(first);
      response.channel = channel_;
      return response;
    });
    server_.emplace(std::move(router), ServerOptions{.limits = limits}, log::Logger::silent());
    server_->start();
  }
  WebSocketOptions options(bool with_token = true) const {
    WebSocketOptions made;
    made.url = "ws" + server_->url().substr(4) + "/values";
    if (with_token) made.headers = {{"Authorization", "Bearer x"}};
    return made;
  }
  bool wait_for_listeners(std::size_t count) const {
    const auto deadline = steady_clock::now() + kLong;
    while (channel_->listeners() != count && steady_clock::now() < deadline) std::this_thread::sleep_for(1ms);
    return channel_->listeners() == count;
  }

  std::shared_ptr<Channel> channel_ = std::make_shared<Channel>();
  std::optional<Server> server_;
};

TEST_F(ChannelRoute, GivesTheBodyFirstAndThenWhatIsPublishedInItsOrder) {
  serve();
  WebSocketClient client(options());
  EXPECT_EQ(client.receive(kLong), "latest");
  ASSERT_TRUE(wait_for_listeners(1));
  for (int i = 0; i < 10; ++i) channel_->publish(std::to_string(i));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.receive(kLong), std::to_string(i));
}

TEST_F(ChannelRoute, EverybodyGetsEveryMessage) {
  serve({}, "");
  WebSocketClient one(options());
  WebSocketClient two(options());
  ASSERT_TRUE(wait_for_listeners(2));
  channel_->publish("x");
  EXPECT_EQ(one.receive(kLong), "x");
  EXPECT_EQ(two.receive(kLong), "x");
}

TEST_F(ChannelRoute, WhoLeavesIsForgotten) {
  serve();
  {
    WebSocketClient client(options());
    ASSERT_TRUE(wait_for_listeners(1));
  }
  // The end of a connection shows when something is written to it, at the latest.
  const auto deadline = steady_clock::now() + kLong;
  while (channel_->listeners() != 0 && steady_clock::now() < deadline) {
    channel_->publish("x");
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(channel_->listeners(), 0U);
}

TEST_F(ChannelRoute, WithoutTheHandlersConsentThereIsNoUpgrade) {
  serve();
  EXPECT_THROW(WebSocketClient{options(false)}, base::Unavailable);
  EXPECT_EQ(channel_->listeners(), 0U);
}

TEST_F(ChannelRoute, WithoutARequestForTheUpgradeItIs426) {
  serve();
  Client client({.base_url = server_->url()});
  const Response response = client.send({.path = "/values", .headers = {{"Authorization", "Bearer x"}}});
  EXPECT_EQ(response.status, 426);
  EXPECT_EQ(response.content_type, kProblemJson);
  ASSERT_NE(response.headers.find("upgrade"), nullptr);
  EXPECT_EQ(*response.headers.find("upgrade"), "websocket");
}

TEST_F(ChannelRoute, ASlowReaderIsCutOffAndHoldsUpNobody) {
  serve({.channel_messages_max = 4}, "");
  RawConnection slow(server_->port());
  slow.send(
      "GET /values HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nConnection: Upgrade\r\nUpgrade: "
      "websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  ASSERT_TRUE(wait_for_listeners(1));
  WebSocketClient quick(options());
  ASSERT_TRUE(wait_for_listeners(2));
  // The slow one reads nothing: what the sockets do not hold fills its queue.
  const std::string text(256 << 10, 'x');
  const auto deadline = steady_clock::now() + kLong;
  while (channel_->listeners() == 2 && steady_clock::now() < deadline) {
    channel_->publish(text);
    const auto message = quick.receive(kLong);
    ASSERT_TRUE(message.has_value());
    ASSERT_EQ(message->size(), text.size());
  }
  ASSERT_TRUE(wait_for_listeners(1));
  channel_->publish("still here");
  EXPECT_EQ(quick.receive(kLong), "still here");
}

TEST_F(ChannelRoute, ListenersLeaveRoomForRequests) {
  serve({.channels_max = 8, .channels_per_peer_max = 2});
  std::optional<WebSocketClient> one(options());
  WebSocketClient two(options());
  EXPECT_EQ(one->receive(kLong), "latest");
  EXPECT_EQ(two.receive(kLong), "latest");
  RawConnection third(server_->port());
  third.send(
      "GET /values HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\nConnection: Upgrade\r\nUpgrade: "
      "websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  const std::string answer = third.receive("most there may be");
  EXPECT_NE(answer.find("503"), std::string::npos) << answer;
  EXPECT_NE(answer.find("2 listeners of this address are the most there may be"), std::string::npos)
      << answer;
  Client requests({.base_url = server_->url()});
  EXPECT_EQ(requests.send({.path = "/values"}).status, 401) << "requests keep their room";
  one.reset();
  ASSERT_TRUE(wait_for_listeners(1));
  WebSocketClient again(options());
  EXPECT_EQ(again.receive(kLong), "latest");
}

TEST_F(ChannelRoute, AStopEndsTheStreamsInOrder) {
  serve();
  WebSocketClient client(options());
  EXPECT_EQ(client.receive(kLong), "latest");
  ASSERT_TRUE(wait_for_listeners(1));
  std::thread reader([&] { EXPECT_THROW(client.receive(kLong), base::Unavailable); });
  EXPECT_TRUE(server_->stop(kLong));
  reader.join();
  EXPECT_EQ(channel_->listeners(), 0U);
}

}  // namespace
}  // namespace navkeeper::http
