#include "services/staking/adapters/chain_node.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <random>
#include <thread>

#include "common/base/bytes.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/runtime/input_file.h"

namespace navkeeper::staking {
namespace {

constexpr int kTooManyRequests = 429;
constexpr int kFirstServerError = 500;
constexpr int kNotImplemented = 501;  ///< an answer: the method does not exist
constexpr int kPauseFactor = 3;
constexpr std::size_t kShownMax = 200;  ///< of a text that a node says, in a message
constexpr std::int64_t kTimeoutMsMax = 3'600'000;
constexpr std::size_t kAuthorizationBytesMax = 4'096;
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

/// What a node says, in one line.
std::string shown(std::string_view text) {
  std::string line(text.substr(0, kShownMax));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return line;
}

std::string beside(const std::string& folder, const std::string& file) {
  return (std::filesystem::path(folder) / file).string();
}

base::Secret read_authorization(const std::string& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) == 0 && (status.st_mode & kOthers) != 0)
    base::refuse(file, "can be read by others than its owner (chmod 600)");
  std::string text = runtime::read_input_file(file, kAuthorizationBytesMax);
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (text.empty() || text.find('\n') != std::string::npos)
    base::refuse(file, "must hold one line: the header's value");
  return base::Secret(std::move(text));
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

template <class Number>
Number read_number(const json::Place& place, const char* rule) {
  const std::string text = json::read_string(place);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || std::to_string(value) != text)
    base::refuse(place.path, rule);
  return value;
}

}  // namespace

NodeSettings read_node_settings(runtime::TomlReader& table, const std::string& folder) {
  NodeSettings settings;
  const auto name = table.value("name");
  settings.name = name.string();
  if (model::VenueId::parse(settings.name).has_error())
    name.refuse("must be 1 to 64 letters, digits, points, dashes or underscores");
  const auto url = table.value("url");
  settings.url = url.string();
  if (!settings.url.starts_with("http://") && !settings.url.starts_with("https://"))
    url.refuse("must begin with http:// or https://");
  while (settings.url.ends_with('/')) settings.url.pop_back();
  if (const auto file = table.optional_string("authorization_file"))
    settings.authorization = read_authorization(beside(folder, *file));
  if (const auto file = table.optional_string("ca_file")) settings.ca_file = beside(folder, *file);
  if (const auto timeout = table.optional_integer("timeout_ms", 1, kTimeoutMsMax))
    settings.timeout = std::chrono::milliseconds(*timeout);
  return settings;
}

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

std::string Node::checked(http::Response response, const std::string& path) const {
  if (response.status != 200)
    throw base::Unavailable(name_ + ": " + path + " was answered with status " +
                            std::to_string(response.status) + ": " + shown(response.body));
  return std::move(response.body);
}

std::string Node::get(std::string path, http::Parameters query, http::Headers headers) {
  const std::string shown_path = path;
  return checked(send({.path = std::move(path), .query = std::move(query), .headers = std::move(headers)}),
                 shown_path);
}

std::string Node::post(std::string path, std::string body) {
  const std::string shown_path = path;
  return checked(send({.method = http::Method::kPost, .path = std::move(path), .body = std::move(body)}),
                 shown_path);
}

std::string raw_sha256(const std::vector<RawAnswer>& raw) {
  crypto::Sha256 whole;
  for (const RawAnswer& answer : raw) whole.update(crypto::sha256(answer.body));
  return base::to_hex(whole.finish());
}

json::Value parse_node_json(const std::string& node, std::string_view body) {
  auto value = json::parse(body, {.bytes_max = kNodeAnswerBytesMax});
  if (value.has_error())
    base::refuse(node, "answered something that is not JSON: " + value.error().message());
  return std::move(*value);
}

std::uint64_t read_whole_text(const json::Place& place) {
  return read_number<std::uint64_t>(place, "must be a whole number of at most 64 bits in a string");
}

std::int64_t read_signed_text(const json::Place& place) {
  return read_number<std::int64_t>(place,
                                   "must be a whole number of at most 64 bits with a sign in a string");
}

std::string read_hex_text(const json::Place& place, std::size_t bytes) {
  std::string text = json::read_string(place);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (!text.starts_with("0x") || text.size() != 2 + 2 * bytes ||
      text.find_first_not_of("0123456789abcdef", 2) != std::string::npos)
    base::refuse(place.path, "must be 0x and " + std::to_string(2 * bytes) + " hexadecimal digits");
  return text;
}

}  // namespace navkeeper::staking
