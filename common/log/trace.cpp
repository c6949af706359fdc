#include "common/log/trace.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/ensure.h"

namespace navkeeper::log {
namespace {

thread_local const Trace* t_current = nullptr;

constexpr std::size_t kTraceIdDigits = 32;
constexpr std::size_t kSpanIdDigits = 16;

bool is_id(std::string_view text, std::size_t digits) {
  return text.size() == digits &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }) &&
         std::any_of(text.begin(), text.end(), [](char c) { return c != '0'; });
}

// Ids only have to differ from one another; nothing secret rests on them.
std::string random_id(std::size_t digits) {
  thread_local std::mt19937_64 generator = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  base::Bytes bytes(digits / 2);
  do
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(generator());
  while (std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; }));
  return base::to_hex(bytes);
}

}  // namespace

Trace Trace::start() { return {random_id(kTraceIdDigits), random_id(kSpanIdDigits), true}; }

std::optional<Trace> Trace::parse(std::string_view text) {
  // W3C Trace Context 3.2: version "-" trace-id "-" parent-id "-" flags; later versions may append more.
  constexpr std::size_t kLength = 55;
  const auto is_hex = [](std::string_view digits) {
    return digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  };
  if (text.size() < kLength || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  const std::string_view version = text.substr(0, 2);
  if (!is_hex(version) || version == "ff") return std::nullopt;
  if (text.size() > kLength && (version == "00" || text[kLength] != '-')) return std::nullopt;
  const std::string_view flags = text.substr(53, 2);
  if (!is_id(text.substr(3, kTraceIdDigits), kTraceIdDigits) ||
      !is_id(text.substr(36, kSpanIdDigits), kSpanIdDigits) || !is_hex(flags))
    return std::nullopt;
  const auto parsed_flags = base::from_hex(flags);
  ENSURE(parsed_flags.has_value());
  return Trace{std::string(text.substr(3, kTraceIdDigits)), std::string(text.substr(36, kSpanIdDigits)),
               ((*parsed_flags)[0] & 1) != 0};
}

Trace Trace::child() const { return {trace_id, random_id(kSpanIdDigits), sampled}; }

std::string Trace::to_traceparent() const {
  return "00-" + trace_id + "-" + span_id + (sampled ? "-01" : "-00");
}

const Trace* current_trace() { return t_current; }

TraceScope::TraceScope(Trace trace) : trace_(std::move(trace)), outer_(t_current) { t_current = &trace_; }
TraceScope::~TraceScope() { t_current = outer_; }

}  // namespace navkeeper::log
