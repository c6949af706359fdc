#pragma once
// Structured logs: one JSON object a line with time, level, service, message, the fields and the trace id.
// Secrets are never logged: a base::Secret is written as "***".
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/secret.h"
#include "common/log/trace.h"
#include "common/money/decimal.h"
#include "common/time/clock.h"

namespace navkeeper::log {

enum class Level { kDebug, kInfo, kWarning, kError, kOff };
/// "debug", "info", "warning", "error", "off".
std::string_view describe(Level level);
std::optional<Level> parse_level(std::string_view word);

/// A key and a value of a line. Keys are ours: snake_case, with the unit in the name.
class Field {
 public:
  Field(std::string_view key, std::string_view text);
  Field(std::string_view key, const char* text) : Field(key, std::string_view(text)) {}
  Field(std::string_view key, const std::string& text) : Field(key, std::string_view(text)) {}
  Field(std::string_view key, const money::Decimal& value);
  Field(std::string_view key, const base::Secret&);
  Field(std::string_view key, bool value);
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool>) Field(std::string_view key, Integer value)
      : key_(key), json_(std::to_string(value)) {}

 private:
  friend class Logger;
  std::string_view key_;
  std::string json_;
};

/// Takes one whole line, with its line end. Called by several threads at once.
using Sink = std::function<void(std::string_view line)>;
/// Standard error, a line in one write.
Sink standard_error();

/// Cheap to copy; safe to use from several threads.
class Logger {
 public:
  /// `clock` must outlive every copy.
  Logger(std::string service, Level minimum, const time::Clock& clock, Sink sink = standard_error());
  /// One that drops everything.
  static Logger silent();

  bool enabled(Level level) const;
  void write(Level level, std::string_view message, std::initializer_list<Field> fields = {}) const;
  void debug(std::string_view message, std::initializer_list<Field> fields = {}) const;
  void info(std::string_view message, std::initializer_list<Field> fields = {}) const;
  void warning(std::string_view message, std::initializer_list<Field> fields = {}) const;
  void error(std::string_view message, std::initializer_list<Field> fields = {}) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace navkeeper::log
