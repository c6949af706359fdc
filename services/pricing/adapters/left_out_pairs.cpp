#include "services/pricing/adapters/left_out_pairs.h"

#include <algorithm>
#include <cctype>

namespace navkeeper::pricing {
namespace {

/// So often a subscription must be refused without naming a pair: venues refuse for other reasons too.
constexpr int kUnnamedBeforeATrial = 3;

std::string in_lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Whether the words hold the name and it does not go on on either side ("BTC-USD" is not in "BTC-USDT").
bool names_it(const std::string& words, const std::string& name) {
  for (std::size_t at = words.find(name); at != std::string::npos; at = words.find(name, at + 1)) {
    const auto ends = [&](std::size_t i) {
      return i >= words.size() || std::isalnum(static_cast<unsigned char>(words[i])) == 0;
    };
    if ((at == 0 || ends(at - 1)) && ends(at + name.size())) return true;
  }
  return false;
}

}  // namespace

std::vector<venues::Instrument> LeftOutPairs::asked(const std::vector<venues::Instrument>& all,
                                                    time::Instant now) {
  const std::lock_guard lock(mutex_);
  std::vector<venues::Instrument> asked;
  for (const venues::Instrument& instrument : all) {
    const auto left_out = until_.find(instrument.pair);
    if (left_out != until_.end() && now < left_out->second) continue;
    if (try_ != instrument.pair) asked.push_back(instrument);
  }
  words_.reset();
  delivers_ = false;
  delivering_.clear();
  return asked.empty() ? all : asked;
}

void LeftOutPairs::refused(const std::string& words) {
  const std::lock_guard lock(mutex_);
  words_ = words;
}

void LeftOutPairs::accepted() {
  const std::lock_guard lock(mutex_);
  delivers_ = true;
  unnamed_ = 0;
}

void LeftOutPairs::delivered(const std::string& pair) {
  const std::lock_guard lock(mutex_);
  delivering_.insert(pair);
}

LeftOutPairs::Decision LeftOutPairs::take(const std::vector<venues::Instrument>& asked, time::Instant now,
                                          time::Duration left_out) {
  const std::lock_guard lock(mutex_);
  Decision decision;
  if (try_ && delivers_ && !words_) {  // Without that one the others go on.
    until_[*try_] = now + left_out;
    decision.pair = *try_;
    decision.why = "the subscription is accepted without it";
    try_.reset();
    return decision;
  }
  const auto over = std::ranges::find_if(until_, [&](const auto& each) { return now >= each.second; });
  if (over != until_.end()) {
    until_.erase(over);
    decision.begin_anew = true;
    return decision;
  }
  if (!words_) return decision;
  const std::string words = in_lower_case(*words_);
  decision.why = words_->substr(0, 200);
  words_.reset();
  if (asked.size() < 2 && !try_) return decision;  // Nothing would be left: the session itself tries again.
  for (const venues::Instrument& instrument : asked) {
    if (delivering_.contains(instrument.pair)) continue;  // It may be complained about, refused it is not.
    if (!names_it(words, in_lower_case(instrument.symbol)) &&
        !names_it(words, in_lower_case(instrument.pair)))
      continue;
    until_[instrument.pair] = now + left_out;
    decision.pair = instrument.pair;
    decision.begin_anew = true;
    try_.reset();
    return decision;
  }
  if (delivers_) return decision;                          // Something else was refused.
  if (++unnamed_ < kUnnamedBeforeATrial) return decision;  // The session tries again by itself.
  // Nobody was named. The next trial: all again with the one before, without the next one.
  std::vector<std::string> candidates;
  for (const venues::Instrument& instrument : asked) candidates.push_back(instrument.pair);
  if (try_) candidates.push_back(*try_);
  std::ranges::sort(candidates);
  try_ = candidates[tried_++ % candidates.size()];
  decision.begin_anew = true;
  return decision;
}

}  // namespace navkeeper::pricing
