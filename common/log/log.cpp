#include "common/log/log.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "common/base/quoted.h"

namespace navkeeper::log {
namespace {

constexpr std::array<std::string_view, 5> kLevelWords = {"debug", "info", "warning", "error", "off"};

std::string quoted(std::string_view text) {
  std::string out;
  base::append_quoted(out, text);
  return out;
}

void append_member(std::string& line, std::string_view key, std::string_view json) {
  line += line.empty() ? "{" : ",";
  base::append_quoted(line, key);
  line += ':';
  line += json;
}

}  // namespace

std::string_view describe(Level level) { return kLevelWords[static_cast<std::size_t>(level)]; }

std::optional<Level> parse_level(std::string_view word) {
  for (std::size_t i = 0; i < kLevelWords.size(); ++i)
    if (kLevelWords[i] == word) return static_cast<Level>(i);
  return std::nullopt;
}

Field::Field(std::string_view key, std::string_view text) : key_(key), json_(quoted(text)) {}
Field::Field(std::string_view key, const money::Decimal& value)
    : key_(key), json_(quoted(value.to_string())) {}
Field::Field(std::string_view key, const base::Secret&) : key_(key), json_(quoted("***")) {}
Field::Field(std::string_view key, bool value) : key_(key), json_(value ? "true" : "false") {}

Sink standard_error() {
  return [](std::string_view line) {
    // One write a line, so that lines of several threads and processes do not mix. A log that cannot be
    // written is no reason to stop working.
    while (!line.empty()) {
      const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
      if (written <= 0) return;
      line.remove_prefix(static_cast<std::size_t>(written));
    }
  };
}

struct Logger::State {
  std::string service;
  Level minimum;
  const time::Clock* clock;
  Sink sink;
};

Logger::Logger(std::string service, Level minimum, const time::Clock& clock, Sink sink)
    : state_(std::make_shared<const State>(State{std::move(service), minimum, &clock, std::move(sink)})) {}

Logger Logger::silent() {
  static const time::SystemClock clock;
  return {"", Level::kOff, clock, [](std::string_view) {}};
}

bool Logger::enabled(Level level) const { return level != Level::kOff && level >= state_->minimum; }

void Logger::write(Level level, std::string_view message, std::initializer_list<Field> fields) const {
  if (!enabled(level)) return;
  std::string line;
  append_member(line, "time", quoted(state_->clock->now().to_string()));
  append_member(line, "level", quoted(describe(level)));
  append_member(line, "service", quoted(state_->service));
  append_member(line, "message", quoted(message));
  for (const Field& field : fields) append_member(line, field.key_, field.json_);
  if (const Trace* trace = current_trace(); trace != nullptr)
    append_member(line, "trace_id", quoted(trace->trace_id));
  line += "}\n";
  state_->sink(line);
}

void Logger::debug(std::string_view message, std::initializer_list<Field> fields) const {
  write(Level::kDebug, message, fields);
}
void Logger::info(std::string_view message, std::initializer_list<Field> fields) const {
  write(Level::kInfo, message, fields);
}
void Logger::warning(std::string_view message, std::initializer_list<Field> fields) const {
  write(Level::kWarning, message, fields);
}
void Logger::error(std::string_view message, std::initializer_list<Field> fields) const {
  write(Level::kError, message, fields);
}

}  // namespace navkeeper::log
