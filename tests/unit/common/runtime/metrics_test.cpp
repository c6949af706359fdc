#include "common/runtime/metrics.h"

#include <gtest/gtest.h>

#include <thread>

namespace navkeeper::runtime {
namespace {

std::string without_process(const std::string& text) { return text.substr(0, text.find("# HELP process_")); }

TEST(Metrics, AreWrittenAsPrometheusReadsThem) {
  Metrics metrics;
  metrics.counter("requests_total", "Requests.", {{"route", "/v1/{a}"}, {"status", "200"}}).add(2);
  metrics.counter("requests_total", "Requests.", {{"route", "/v1/{a}"}, {"status", "200"}}).add();
  metrics.counter("requests_total", "Requests.", {{"route", "a\"b\\c\nd"}, {"status", "500"}}).add();
  metrics.gauge("age_seconds", "Age.\nOf \\ it.").set(1.5);
  Histogram& histogram = metrics.histogram("duration_seconds", "Duration.", {}, {0.1, 1});
  histogram.observe(0.1);
  histogram.observe(0.5);
  histogram.observe(7);
  EXPECT_EQ(without_process(metrics.to_text()),
            "# HELP age_seconds Age.\\nOf \\\\ it.\n# TYPE age_seconds gauge\nage_seconds 1.5\n"
            "# HELP duration_seconds Duration.\n# TYPE duration_seconds histogram\n"
            "duration_seconds_bucket{le=\"0.1\"} 1\nduration_seconds_bucket{le=\"1\"} 2\n"
            "duration_seconds_bucket{le=\"+Inf\"} 3\nduration_seconds_sum 7.6\nduration_seconds_count 3\n"
            "# HELP requests_total Requests.\n# TYPE requests_total counter\n"
            "requests_total{route=\"/v1/{a}\",status=\"200\"} 3\n"
            "requests_total{route=\"a\\\"b\\\\c\\nd\",status=\"500\"} 1\n");
}

TEST(Metrics, TheProcessIsMeasured) {
  const std::string text = Metrics().to_text();
  for (const char* name : {"process_cpu_seconds_total ", "process_resident_memory_bytes ",
                           "process_open_fds ", "process_start_time_seconds "}) {
    const std::size_t at = text.find(std::string("\n") + name);
    ASSERT_NE(at, std::string::npos) << name;
    const double value = std::stod(text.substr(at + 1 + std::string(name).size()));
    EXPECT_TRUE(value >= 0) << name;
  }
  const std::size_t start = text.find("\nprocess_start_time_seconds ");
  EXPECT_GT(std::stod(text.substr(start + 28)), 1.6e9);
}

TEST(Metrics, CountsOfSeveralThreadsAddUp) {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) metrics.counter("n_total", "N.", {{"k", std::to_string(i % 3)}}).add();
      });
  }
  const std::string text = metrics.to_text();
  EXPECT_NE(text.find("n_total{k=\"0\"} 1336"), std::string::npos) << text;
  EXPECT_NE(text.find("n_total{k=\"2\"} 1332"), std::string::npos);
}

TEST(Metrics, LabelValuesWithoutEndAreCountedTogether) {
  Metrics metrics;
  for (std::size_t i = 0; i < Metrics::kSeriesMax + 50; ++i)
    metrics.counter("n_total", "N.", {{"k", std::to_string(i)}}).add();
  EXPECT_NE(metrics.to_text().find("n_total{k=\"other\"} 50\n"), std::string::npos);
}

TEST(MetricsDeathTest, OneNameHasOneType) {
  Metrics metrics;
  metrics.counter("n_total", "N.");
  EXPECT_DEATH(metrics.gauge("n_total", "N."), "");
  EXPECT_DEATH(metrics.counter("n total", "N."), "");
}

}  // namespace
}  // namespace navkeeper::runtime
