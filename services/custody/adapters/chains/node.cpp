#include "services/custody/adapters/chains/node.h"

#include <random>
#include <thread>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/json/write.h"
#include "services/custody/adapters/chains/wire_fields.h"

namespace navkeeper::custody {
namespace {

constexpr int kTooManyRequests = 429;
constexpr int kFirstServerError = 500;
constexpr int kNotImplemented = 501;  ///< an answer: the method does not exist
constexpr int kPauseFactor = 3;
constexpr std::size_t kShownMax = 200;  ///< of a text that a node says, in a message

/// What a node says, in one line.
std::string shown(std::string_view text) {
  std::string line(text.substr(0, kShownMax));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return line;
}

class HttpCarrier final : public NodeCarrier {
 public:
  explicit HttpCarrier(const NodeSettings& settings)
      : settings_(settings),
        client_({.base_url = settings.url,
                 .connect_timeout = std::min(settings.timeout, std::chrono::milliseconds(5'000)),
                 .total_timeout = settings.timeout,
                 .response_bytes_max = kNodeAnswerBytesMax,
                 .tls = {.ca_file = settings.ca_file}}) {}

  http::Response carry(const http::ClientRequest& request) override {
    http::ClientRequest signed_request = request;
    if (!settings_.authorization.empty())
      signed_request.headers.set("authorization", settings_.authorization.reveal());
    auto pause = settings_.pause;
    for (int attempt = 1;; ++attempt) {
      std::string failure;
      try {
        http::Response response = client_.send(signed_request);
        const bool passing = response.status == kTooManyRequests ||
                             (response.status >= kFirstServerError && response.status != kNotImplemented);
        if (!passing || attempt == settings_.attempts) return response;
      } catch (const base::Unavailable& unavailable) {
        failure = unavailable.what();
      } catch (const base::InDoubt& in_doubt) {
        failure = in_doubt.what();  // A question changes nothing, whether it was heard or not.
      }
      if (attempt == settings_.attempts) throw base::Unavailable(settings_.name + ": " + failure);
      std::uniform_int_distribution<std::int64_t> jitter(0, pause.count() / 2);
      std::this_thread::sleep_for(pause + std::chrono::milliseconds(jitter(random_)));
      pause *= kPauseFactor;
    }
  }

 private:
  NodeSettings settings_;
  http::Client client_;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace

std::unique_ptr<NodeCarrier> http_carrier(const NodeSettings& settings) {
  return std::make_unique<HttpCarrier>(settings);
}

http::Response Node::send(const http::ClientRequest& request) {
  http::Response response = carrier_->carry(request);
  std::string what = std::string(http::describe(request.method)) + " " + request.path;
  if (!request.body.empty()) what += " " + request.body;
  raw_.push_back({std::move(what), response.body});
  return response;
}

std::string Node::get(std::string path, http::Parameters query, http::Headers headers) {
  const std::string shown_path = path;
  http::Response response =
      send({.path = std::move(path), .query = std::move(query), .headers = std::move(headers)});
  if (response.status != 200)
    throw base::Unavailable(name_ + ": " + shown_path + " was answered with status " +
                            std::to_string(response.status) + ": " + shown(response.body));
  return std::move(response.body);
}

json::Value Node::call(std::string_view method, std::string_view parameters) {
  const http::Response response =
      send({.method = http::Method::kPost, .path = "", .body = rpc_request(method, parameters)});
  const std::string where = name_ + ": " + std::string(method);
  // bitcoind answers errors with status 500 and the same body.
  if (response.status != 200 && response.body.find("\"error\"") == std::string::npos)
    throw base::Unavailable(where + " was answered with status " + std::to_string(response.status) + ": " +
                            shown(response.body));
  const json::Value answer = parse_node_json(name_, response.body);
  if (answer.kind() != json::Kind::kObject) base::refuse(where, "the answer is no object");
  const json::Value* id = answer.find("id");
  if (id == nullptr || id->kind() != json::Kind::kNumber || id->as_number() != "1")
    base::refuse(where, "the answer is to another request");
  if (const json::Value* error = answer.find("error"); error != nullptr && !error->is_null())
    throw base::Unavailable(where + ": " + shown(json::to_compact(*error)));
  const json::Value* result = answer.find("result");
  if (result == nullptr) base::refuse(where, "the answer has neither result nor error");
  return *result;
}

}  // namespace navkeeper::custody
