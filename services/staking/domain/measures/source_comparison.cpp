#include "services/staking/domain/measures/source_comparison.h"

#include <algorithm>
#include <tuple>

namespace navkeeper::staking::measures {
namespace {

auto name_of(const SourceFigure& figure) {
  return std::tie(figure.chain, figure.place, figure.asset, figure.what);
}
bool before(const SourceFigure& a, const SourceFigure& b) { return name_of(a) < name_of(b); }

void sort(std::vector<SourceFigure>& figures) { std::stable_sort(figures.begin(), figures.end(), before); }

/// Where the run of figures of one name ends.
std::size_t run_end(const std::vector<SourceFigure>& figures, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < figures.size() && name_of(figures[end]) == name_of(figures[begin])) ++end;
  return end;
}

}  // namespace

std::string_view describe(Disagreement disagreement) {
  switch (disagreement) {
    case Disagreement::kAmount:
      return "amount";
    case Disagreement::kOnlyInFirst:
      return "only_in_first";
    case Disagreement::kOnlyInSecond:
      return "only_in_second";
    case Disagreement::kTwiceInOneSource:
      return "twice_in_one_source";
  }
  return "";
}

SourceComparison compare(std::vector<SourceFigure> first, std::vector<SourceFigure> second) {
  sort(first);
  sort(second);
  SourceComparison comparison;
  std::size_t a = 0;
  std::size_t b = 0;
  while (a < first.size() || b < second.size()) {
    const bool has_first = a < first.size() && (b == second.size() || !before(second[b], first[a]));
    const bool has_second = b < second.size() && (a == first.size() || !before(first[a], second[b]));
    const std::size_t a_end = has_first ? run_end(first, a) : a;
    const std::size_t b_end = has_second ? run_end(second, b) : b;
    if (a_end - a > 1 || b_end - b > 1) {
      comparison.differences.push_back(
          {Disagreement::kTwiceInOneSource, has_first ? first[a] : second[b], {}});
    } else if (!has_second) {
      comparison.differences.push_back({Disagreement::kOnlyInFirst, first[a], {}});
    } else if (!has_first) {
      comparison.differences.push_back({Disagreement::kOnlyInSecond, second[b], {}});
    } else {
      ++comparison.compared;
      if (first[a].amount != second[b].amount)
        comparison.differences.push_back({Disagreement::kAmount, first[a], second[b].amount});
    }
    a = a_end;
    b = b_end;
  }
  return comparison;
}

}  // namespace navkeeper::staking::measures
