#include "common/runtime/progress.h"

#include <algorithm>
#include <ostream>
#include <utility>

namespace navkeeper::runtime {
namespace {

constexpr std::uint64_t kBarWidth = 30;
// Without a known total the count is drawn at every so-many-th.
constexpr std::uint64_t kCountStep = 1'000;
constexpr const char* kClearLine = "\r\x1b[2K";

}  // namespace

Progress::Progress(std::ostream& out, bool visible, std::string title, std::uint64_t total)
    : out_(out), visible_(visible), title_(std::move(title)), total_(total) {
  draw();
}

Progress::Progress(CommandContext& context, std::string title, std::uint64_t total)
    : Progress(context.err, context.out_is_terminal, std::move(title), total) {}

Progress::~Progress() {
  if (visible_) out_ << kClearLine << std::flush;
}

void Progress::advance_to(std::uint64_t done) {
  done_ = std::max(done_, done);
  draw();
}

void Progress::draw() {
  if (!visible_) return;
  constexpr std::uint64_t kWhole = 100;
  std::uint64_t show = done_ / kCountStep;
  if (total_ != 0) {
    const auto percent = static_cast<unsigned __int128>(std::min(done_, total_)) * kWhole / total_;
    show = static_cast<std::uint64_t>(percent);
  }
  if (show == shown_) return;
  shown_ = show;
  out_ << kClearLine << title_ << ' ';
  if (total_ == 0) {
    out_ << done_;
  } else {
    const std::uint64_t filled = show * kBarWidth / kWhole;
    out_ << '[' << std::string(filled, '#') << std::string(kBarWidth - filled, ' ') << "] " << show << '%';
  }
  out_ << std::flush;
}

}  // namespace navkeeper::runtime
