#include "common/log/trace.h"

#include <gtest/gtest.h>

namespace navkeeper::log {
namespace {

// The example of W3C Trace Context (Recommendation, 3.2.2).
constexpr std::string_view kExample = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(Trace, TheStandardsExampleIsReadAndWrittenBack) {
  const auto trace = Trace::parse(kExample);
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(trace->trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(trace->span_id, "b7ad6b7169203331");
  EXPECT_TRUE(trace->sampled);
  EXPECT_EQ(trace->to_traceparent(), kExample);
}

TEST(Trace, MalformedOnesAreNothing) {
  for (const char* bad : {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                          "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                          "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                          "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                          "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                          "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                          "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                          "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x"})
    EXPECT_FALSE(Trace::parse(bad).has_value()) << bad;
}

TEST(Trace, ALaterVersionMaySayMore) {
  EXPECT_TRUE(Trace::parse("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more").has_value());
  EXPECT_FALSE(Trace::parse("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00.more").has_value());
}

TEST(Trace, AChildStaysInItsTrace) {
  const Trace parent = Trace::start();
  const Trace child = parent.child();
  EXPECT_EQ(child.trace_id, parent.trace_id);
  EXPECT_NE(child.span_id, parent.span_id);
  EXPECT_EQ(Trace::parse(child.to_traceparent()), child);
}

TEST(TraceScope, NestsAndRestores) {
  EXPECT_EQ(current_trace(), nullptr);
  {
    TraceScope outer(Trace::start());
    const Trace* outer_trace = current_trace();
    ASSERT_NE(outer_trace, nullptr);
    {
      TraceScope inner(Trace::start());
      EXPECT_NE(current_trace()->trace_id, outer_trace->trace_id);
    }
    EXPECT_EQ(current_trace(), outer_trace);
  }
  EXPECT_EQ(current_trace(), nullptr);
}

}  // namespace
}  // namespace navkeeper::log
