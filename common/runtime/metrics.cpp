#include "common/runtime/metrics.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cmath>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <string_view>

#include "common/base/ensure.h"

namespace navkeeper::runtime {
namespace {

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 64> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  ENSURE(error == std::errc{});
  return {digits.data(), end};
}

// Label values escape backslash, quote and line end; help texts backslash and line end.
std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || (c == '"' && quotes)) {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string label_text(const Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!text.empty()) text += ',';
    text += name + "=\"" + escaped(value, true) + "\"";
  }
  return text;
}

bool is_name(std::string_view name) {
  return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

void append_sample(std::string& out, const std::string& name, const std::string& labels,
                   const std::string& value) {
  out += name;
  if (!labels.empty()) out += "{" + labels + "}";
  out += " " + value + "\n";
}

struct Series {
  virtual ~Series() = default;
  virtual void write(std::string& out, const std::string& name, const std::string& labels) const = 0;
};

struct CounterSeries final : Counter, Series {
  void add(std::uint64_t by) override { value.fetch_add(by, std::memory_order_relaxed); }
  void write(std::string& out, const std::string& name, const std::string& labels) const override {
    append_sample(out, name, labels, std::to_string(value.load(std::memory_order_relaxed)));
  }
  std::atomic<std::uint64_t> value{0};
};

struct GaugeSeries final : Gauge, Series {
  void set(double now) override { value.store(now, std::memory_order_relaxed); }
  void write(std::string& out, const std::string& name, const std::string& labels) const override {
    append_sample(out, name, labels, number(value.load(std::memory_order_relaxed)));
  }
  std::atomic<double> value{0};
};

struct HistogramSeries final : Histogram, Series {
  explicit HistogramSeries(std::vector<double> upper_bounds)
      : bounds(std::move(upper_bounds)), counts(bounds.size() + 1) {
    ENSURE(std::is_sorted(bounds.begin(), bounds.end()));
  }
  void observe(double observed) override {
    const auto bucket =
        static_cast<std::size_t>(std::lower_bound(bounds.begin(), bounds.end(), observed) - bounds.begin());
    const std::lock_guard lock(mutex);
    ++counts[bucket];
    sum += observed;
  }
  void write(std::string& out, const std::string& name, const std::string& labels) const override {
    const std::lock_guard lock(mutex);
    const std::string prefix = labels.empty() ? "" : labels + ",";
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      below += counts[i];
      const std::string bound = i < bounds.size() ? number(bounds[i]) : "+Inf";
      append_sample(out, name + "_bucket", prefix + "le=\"" + bound + "\"", std::to_string(below));
    }
    append_sample(out, name + "_sum", labels, number(sum));
    append_sample(out, name + "_count", labels, std::to_string(below));
  }
  std::vector<double> bounds;
  mutable std::mutex mutex;
  std::vector<std::uint64_t> counts;
  double sum = 0;
};

struct Family {
  std::string type;
  std::string help;
  std::map<std::string, std::unique_ptr<Series>> series;  ///< by the text of their labels
};

// proc(5): fields of /proc/self/stat after the command's closing parenthesis, counted from 3 (state).
std::vector<std::string> process_fields() {
  std::ifstream in("/proc/self/stat");
  std::string line;
  std::getline(in, line);
  const std::size_t close = line.rfind(')');
  std::vector<std::string> fields;
  if (close == std::string::npos) return fields;
  std::istringstream rest(line.substr(close + 1));
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

double boot_seconds() {
  std::ifstream in("/proc/stat");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  return 0;
}

std::size_t open_files() {
  DIR* folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  std::size_t count = 0;
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  // "." and ".." and the folder's own.
  return count >= 3 ? count - 3 : 0;
}

void append_process(std::string& out) {
  const auto one = [&](const std::string& name, const std::string& type, const std::string& help,
                       double value) {
    out += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n" + name + " " +
           number(value) + "\n";
  };
  constexpr std::size_t kUserTime = 14 - 3;
  constexpr std::size_t kSystemTime = 15 - 3;
  constexpr std::size_t kStartTime = 22 - 3;
  constexpr std::size_t kResidentPages = 24 - 3;
  const std::vector<std::string> fields = process_fields();
  if (fields.size() <= kResidentPages) return;
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  one("process_cpu_seconds_total", "counter", "CPU time of the process in seconds.",
      (std::stod(fields[kUserTime]) + std::stod(fields[kSystemTime])) / ticks);
  one("process_open_fds", "gauge", "Open file descriptors.", static_cast<double>(open_files()));
  one("process_resident_memory_bytes", "gauge", "Resident memory in bytes.",
      std::stod(fields[kResidentPages]) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  one("process_start_time_seconds", "gauge", "Start of the process in seconds since 1970.",
      boot_seconds() + std::stod(fields[kStartTime]) / ticks);
}

}  // namespace

struct Metrics::State {
  mutable std::mutex mutex;
  std::map<std::string, Family> families;

  template <class Kind, class... Arguments>
  Kind& series(const std::string& name, const char* type, const std::string& help, const Labels& labels,
               const Arguments&... arguments) {
    ENSURE(is_name(name) && !name.starts_with("process_"));
    for (const auto& [label, value] : labels) ENSURE(is_name(label) && label != "le");
    const std::lock_guard lock(mutex);
    Family& family = families[name];
    if (family.type.empty()) {
      family.type = type;
      family.help = help;
    }
    ENSURE(family.type == type && family.help == help);
    std::string key = label_text(labels);
    if (family.series.size() >= kSeriesMax && !family.series.contains(key)) {
      Labels other = labels;
      for (auto& [label, value] : other) value = "other";
      key = label_text(other);
    }
    std::unique_ptr<Series>& slot = family.series[key];
    if (!slot) slot = std::make_unique<Kind>(arguments...);
    return static_cast<Kind&>(*slot);
  }
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  return state_->series<CounterSeries>(name, "counter", help, labels);
}
Gauge& Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return state_->series<GaugeSeries>(name, "gauge", help, labels);
}
Histogram& Metrics::histogram(const std::string& name, const std::string& help, const Labels& labels,
                              const std::vector<double>& upper_bounds) {
  return state_->series<HistogramSeries>(name, "histogram", help, labels, upper_bounds);
}

std::string Metrics::to_text() const {
  std::string out;
  {
    const std::lock_guard lock(state_->mutex);
    for (const auto& [name, family] : state_->families) {
      out += "# HELP " + name + " " + escaped(family.help, false) + "\n# TYPE " + name + " " + family.type +
             "\n";
      for (const auto& [labels, series] : family.series) series->write(out, name, labels);
    }
  }
  append_process(out);
  return out;
}

}  // namespace navkeeper::runtime
