#include "services/pricing/adapters/real_time_commands.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <ostream>
#include <string>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/url.h"
#include "common/http/websocket.h"
#include "common/json/value.h"
#include "common/json/write.h"
#include "common/runtime/options.h"
#include "services/pricing/adapters/csv.h"
#include "services/pricing/adapters/rate_json.h"
#include "services/pricing/adapters/real_time_store.h"

namespace navkeeper::pricing {
namespace {

using Connect = std::function<Dependencies()>;

constexpr std::chrono::seconds kPatience{15};
constexpr int kWidthOfTime = 30;
constexpr int kWidthOfValue = 20;

struct WatchOptions {
  std::string index;
  std::string url;
  std::int64_t count = 0;
  bool json = false;
};

std::string padded(std::string text, int width, bool right) {
  const auto size = static_cast<std::size_t>(width);
  if (text.size() < size) text.insert(right ? 0 : text.size(), size - text.size(), ' ');
  return text;
}

/// "2026-03-10T16:00:00Z            84000.01  bitstamp coinbase kraken", or why there is no value.
std::string line_of(const std::string& message) {
  const auto second = json::parse(message);
  if (second.has_error()) throw base::Unavailable("the service sent something that is not JSON");
  const auto text_at = [&](const char* key) {
    const json::Value* const value = second->find(key);
    return value != nullptr && value->kind() == json::Kind::kString ? value->as_string() : std::string();
  };
  std::string line = padded(text_at("at"), kWidthOfTime, false);
  const std::string value = text_at("value");
  line += padded(value.empty() ? "-" : value, kWidthOfValue, true) + "  ";
  if (value.empty()) return line + text_at("reason");
  const json::Value* const venues = second->find("venues");
  std::string between;
  for (const json::Value& venue : venues != nullptr ? venues->as_array() : json::Array{}) {
    const json::Value* const name = venue.find("venue");
    const json::Value* const use = venue.find("use");
    if (name == nullptr || use == nullptr) continue;
    line += between + name->as_string() + (use->as_string() == "used" ? "" : " (" + use->as_string() + ")");
    between = ", ";
  }
  return line;
}

void watch(const WatchOptions& options, runtime::CommandContext& context, const Connect& connect) {
  if (!options.url.empty() && !options.url.starts_with("http://") && !options.url.starts_with("https://"))
    runtime::refuse_usage("--url", "must begin with http:// or https://");
  if (!connect) base::refuse("", "there is no configuration here: this command needs one");
  const Dependencies dependencies = connect();
  const auto [served_url, token] = dependencies.served();
  const std::string url = options.url.empty() ? served_url : options.url;
  http::WebSocketOptions socket;
  socket.url = "ws" + url.substr(4) + "/v1/rates/" + http::percent_encode(options.index) + "/stream";
  socket.headers = {{"Authorization", "Bearer " + token}};
  http::WebSocketClient client(socket);
  std::ostream& out = context.live_out != nullptr ? *context.live_out : context.out;
  for (std::int64_t shown = 0; options.count == 0 || shown < options.count; ++shown) {
    const auto message = client.receive(kPatience);
    if (!message)
      throw base::Unavailable("no second came for 15 s: does the service follow venues with books?");
    out << (options.json ? std::string(*message) : line_of(std::string(*message))) << "\n" << std::flush;
  }
}

struct ReplayOptions {
  std::string index;
  std::string from;
  std::string to;
  bool json = false;
};

time::Instant instant_of(const std::string& text, time::Instant otherwise) {
  return text.empty() ? otherwise : *time::parse_rfc3339(text);
}

std::string check_instant(const std::string& text) {
  return time::parse_rfc3339(text) ? "" : shown(text) + " is not a time like 2026-03-10T16:00:00Z";
}

void replay(const ReplayOptions& options, runtime::CommandContext& context, const Connect& connect) {
  if (!connect) base::refuse("", "there is no database here: this command needs one");
  SqlRealTimeStore store(*connect().pool);
  if (!store.newest_file(options.index))
    base::refuse("index", options.index + " is not a known real-time index");
  const Replay found =
      replay_real_time(store, options.index, instant_of(options.from, time::Instant::earliest()),
                       instant_of(options.to, time::Instant::latest()));
  if (found.differing > 0) context.exit_code = runtime::ExitCode::kRefused;
  const auto bytes_a_second = found.seconds == 0 ? 0 : found.evidence_bytes / found.seconds;
  if (options.json) {
    json::Writer writer;
    writer.begin_object().member("index", std::string_view(options.index));
    writer.member("seconds", static_cast<std::int64_t>(found.seconds));
    writer.member("values", static_cast<std::int64_t>(found.values));
    writer.member("differing", static_cast<std::int64_t>(found.differing));
    writer.member("evidence_bytes", static_cast<std::int64_t>(found.evidence_bytes));
    writer.key("differences").begin_array();
    for (const Replay::Difference& difference : found.differences) {
      writer.begin_object().member("at", std::string_view(difference.at.to_string()));
      writer.member("what", std::string_view(difference.what)).end_object();
    }
    context.out << writer.end_array().end_object().take() << "\n";
    return;
  }
  context.out << aligned({{"index", "seconds", "values", "differing", "evidence bytes", "bytes a second"},
                          {options.index, std::to_string(found.seconds), std::to_string(found.values),
                           std::to_string(found.differing), std::to_string(found.evidence_bytes),
                           std::to_string(bytes_a_second)}});
  for (const Replay::Difference& difference : found.differences)
    context.out << "    " << difference.at.to_string() << ": " << difference.what << "\n";
}

}  // namespace

void add_real_time_commands(CLI::App& rates, runtime::CommandContext& context, Connect connect) {
  const auto watch_options = std::make_shared<WatchOptions>();
  auto* const watch_command =
      rates.add_subcommand("watch",
                           "A real-time index as it is published, a line a second, until interrupted.\n"
                           "Needs a running `navkeeper serve pricing` that follows venues with order books.");
  watch_command->add_option("index", watch_options->index, "The index")->required()->option_text("INDEX");
  watch_command->add_option("--count", watch_options->count, "Stop after so many seconds")
      ->check(CLI::PositiveNumber)
      ->option_text("N");
  watch_command->add_option("--url", watch_options->url, "Where pricing is served; default: as configured")
      ->option_text("URL");
  watch_command->add_flag("--json", watch_options->json, "Each second as one line of JSON");
  watch_command->callback([=, &context] { watch(*watch_options, context, connect); });

  const auto replay_options = std::make_shared<ReplayOptions>();
  auto* const replay_command = rates.add_subcommand(
      "replay",
      "Makes every stored second of a real-time index again from its stored inputs and compares.\n"
      "Exit code 1 when anything differs.");
  replay_command->add_option("index", replay_options->index, "The index")->required()->option_text("INDEX");
  replay_command->add_option("--from", replay_options->from, "The first second; default: the first stored")
      ->check(check_instant)
      ->option_text("TIME");
  replay_command->add_option("--to", replay_options->to, "The last second; default: the last stored")
      ->check(check_instant)
      ->option_text("TIME");
  replay_command->add_flag("--json", replay_options->json, "Answer as one JSON object");
  replay_command->callback([=, &context] { replay(*replay_options, context, connect); });
}

}  // namespace navkeeper::pricing
