#pragma once
// The trace that a piece of work belongs to, as W3C Trace Context writes it (traceparent, version 00). It
// travels from the caller's request through our logs to the peers that we ask.
#include <optional>
#include <string>
#include <string_view>

namespace navkeeper::log {

struct Trace {
  std::string trace_id = {};  ///< 32 lower-case hexadecimal digits, not all zero
  std::string span_id = {};   ///< 16 of them: the piece of work that we are
  bool sampled = true;

  /// A new trace with random ids.
  static Trace start();
  /// Reads a traceparent header; nothing when it is malformed (the caller then starts a new trace).
  static std::optional<Trace> parse(std::string_view traceparent);
  /// The same trace, a new piece of work in it: for asking a peer.
  Trace child() const;
  /// "00-<trace_id>-<span_id>-01".
  std::string to_traceparent() const;
  bool operator==(const Trace&) const = default;
};

/// The trace of what this thread is doing, or nullptr. Log lines and outgoing requests carry it.
const Trace* current_trace();

/// Makes a trace the thread's current one for as long as it lives.
class TraceScope {
 public:
  explicit TraceScope(Trace trace);
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  Trace trace_;
  const Trace* outer_;
};

}  // namespace navkeeper::log
