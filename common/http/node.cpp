#include "common/http/node.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <thread>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/model/id.h"
#include "common/runtime/input_file.h"

namespace navkeeper::http {
namespace {

constexpr int kTooManyRequests = 429;
constexpr int kFirstServerError = 500;
constexpr int kNotImplemented = 501;  ///< an answer: the method does not exist
constexpr int kPauseFactor = 3;
constexpr std::size_t kShownMax = 200;  ///< of a text that a node says, in a message
constexpr std::int64_t kTimeoutMsMax = 3'600'000;
constexpr std::size_t kAuthorizationBytesMax = 4'096;
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

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
                 .response_bytes_max = model::kNodeAnswerBytesMax,
                 .tls = {.ca_file = settings.ca_file}}) {}

  Response carry(const ClientRequest& request) override {
    ClientRequest signed_request = request;
    if (!settings_.authorization.empty())
      signed_request.headers.set("authorization", settings_.authorization.reveal());
    auto pause = settings_.pause;
    for (int attempt = 1;; ++attempt) {
      std::string failure;
      try {
        Response response = client_.send(signed_request);
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
  Client client_;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace

std::string in_one_line(std::string_view answer) {
  std::string line(answer.substr(0, kShownMax));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return line;
}

std::string read_node_url(runtime::TomlReader& table, std::string_view key) {
  const auto place = table.value(key);
  std::string url = place.string();
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    place.refuse("must begin with http:// or https://");
  while (url.ends_with('/')) url.pop_back();
  return url;
}

NodeSettings read_node_settings(runtime::TomlReader& table, const std::string& folder) {
  NodeSettings settings;
  const auto name = table.value("name");
  settings.name = name.string();
  if (model::VenueId::parse(settings.name).has_error())
    name.refuse("must be 1 to 64 letters, digits, points, dashes or underscores");
  settings.url = read_node_url(table, "url");
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

Response Node::send(const ClientRequest& request) {
  Response response = carrier_->carry(request);
  std::string what = std::string(describe(request.method)) + " " + request.path;
  if (!request.body.empty()) what += " " + request.body;
  raw_.push_back({std::move(what), response.body});
  return response;
}

std::string Node::checked(Response response, const std::string& path) const {
  if (response.status != 200)
    throw base::Unavailable(name_ + ": " + path + " was answered with status " +
                            std::to_string(response.status) + ": " + in_one_line(response.body));
  return std::move(response.body);
}

std::string Node::get(std::string path, Parameters query, Headers headers) {
  const std::string shown_path = path;
  return checked(send({.path = std::move(path), .query = std::move(query), .headers = std::move(headers)}),
                 shown_path);
}

std::string Node::post(std::string path, std::string body) {
  const std::string shown_path = path;
  return checked(send({.method = Method::kPost, .path = std::move(path), .body = std::move(body)}),
                 shown_path);
}

}  // namespace navkeeper::http
