#pragma once
// Metrics in the Prometheus text format (exposition format 0.0.4): counters, gauges and histograms with
// labels, and those of the process. A registry of our own: the format is one page, and prometheus-cpp's
// headers are not.
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace navkeeper::runtime {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Only goes up. Safe from any thread, like the others.
class Counter {
 public:
  virtual ~Counter() = default;
  virtual void add(std::uint64_t by = 1) = 0;
};
class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void set(double value) = 0;
};
class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void observe(double value) = 0;
};

/// Upper bounds in seconds for the duration of requests and jobs.
inline const std::vector<double> kDurationBuckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                     0.25,  0.5,    1,     2.5,  5,     10};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The metric of that name and those labels, made when it is new; it lives as long as the registry. One name
  // has one type and one help text (ENSURE); names end with their unit, counters with _total. Labels take few
  // values: a route's pattern, never a path. Beyond kSeriesMax values of one name everything is counted under
  // the label values "other".
  Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram& histogram(const std::string& name, const std::string& help, const Labels& labels = {},
                       const std::vector<double>& upper_bounds = kDurationBuckets);

  /// All of them by name, then the process's: CPU seconds, resident bytes, open files, start time.
  std::string to_text() const;

  static constexpr std::size_t kSeriesMax = 1'000;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace navkeeper::runtime
