#include "services/pricing/adapters/real_time_board.h"

#include "common/http/channel.h"

namespace navkeeper::pricing {
namespace {

void write_text_or_null(json::Writer& writer, std::string_view key, const std::optional<std::string>& text) {
  writer.key(key);
  if (text) {
    writer.string(*text);
  } else {
    writer.null();
  }
}

}  // namespace

ShownSecond shown(const ClosedSecond::Value& value) {
  ShownSecond second{value.rules.id.value(), value.rules.pair.value(), value.value.at,     value.record.value,
                     value.record.unrounded, value.record.failure,     value.file_version, {}};
  for (std::size_t i = 0; i < value.value.uses.size(); ++i)
    second.venues.emplace_back(value.rules.venues[i].value(), describe(value.value.uses[i]));
  return second;
}

ShownSecond shown(const RealTimeRecord& record, const StoredRealTimeFile& file) {
  ShownSecond second{record.index,     file.file.pair.value(), record.at,           record.value,
                     record.unrounded, record.failure,         record.file_version, {}};
  const RealTimeDefinition* const rules = rules_at(file.file, record.at);
  for (std::size_t i = 0; rules != nullptr && i < rules->venues.size() && i < record.uses.size(); ++i) {
    if (const auto use = use_of(record.uses[i]))
      second.venues.emplace_back(rules->venues[i].value(), describe(*use));
  }
  return second;
}

void write_second(json::Writer& writer, const ShownSecond& second) {
  writer.member("index", std::string_view(second.index)).member("pair", std::string_view(second.pair));
  writer.member("at", std::string_view(second.at.to_string()));
  write_text_or_null(writer, "value", second.value);
  write_text_or_null(writer, "unrounded", second.unrounded);
  write_text_or_null(writer, "reason", second.reason.empty() ? std::nullopt : std::optional(second.reason));
  writer.member("definition_version", std::int64_t{second.definition_version});
  writer.key("venues").begin_array();
  for (const auto& [venue, use] : second.venues) {
    writer.begin_object().member("venue", std::string_view(venue));
    writer.member("use", std::string_view(use)).end_object();
  }
  writer.end_array();
}

void RealTimeBoard::show(ShownSecond second) {
  json::Writer writer;
  writer.begin_object();
  write_second(writer, second);
  std::string text = writer.end_object().take();
  std::shared_ptr<http::Channel> channel;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_[second.index];
    if (!entry.channel) entry.channel = std::make_shared<http::Channel>();
    channel = entry.channel;
    if (second.value) entry.newest_value = second;
    entry.newest = std::move(second);
  }
  channel->publish(std::move(text));
}

std::optional<ShownSecond> RealTimeBoard::newest(const std::string& index) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(index);
  return found == entries_.end() ? std::nullopt : found->second.newest;
}

std::optional<ShownSecond> RealTimeBoard::newest_value(const std::string& index) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(index);
  return found == entries_.end() ? std::nullopt : found->second.newest_value;
}

void RealTimeBoard::quote(const std::string& pair, ShownQuote quote) {
  const std::lock_guard lock(mutex_);
  const std::string venue = quote.venue;
  quotes_[pair].insert_or_assign(venue, std::move(quote));
}

std::vector<ShownQuote> RealTimeBoard::quotes(const std::string& pair) const {
  const std::lock_guard lock(mutex_);
  std::vector<ShownQuote> found;
  const auto of_pair = quotes_.find(pair);
  if (of_pair == quotes_.end()) return found;
  for (const auto& [venue, quote] : of_pair->second) found.push_back(quote);
  return found;
}

std::shared_ptr<http::Channel> RealTimeBoard::channel(const std::string& index) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[index];
  if (!entry.channel) entry.channel = std::make_shared<http::Channel>();
  return entry.channel;
}

}  // namespace navkeeper::pricing
