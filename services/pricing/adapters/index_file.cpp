#include "services/pricing/adapters/index_file.h"

#include <array>
#include <utility>

#include "common/base/refuse.h"
#include "common/runtime/toml_reader.h"
#include "common/time/calendar.h"

namespace navkeeper::pricing {
namespace {

using runtime::TomlDocument;
using runtime::TomlKind;
using runtime::TomlPlace;
using runtime::TomlReader;

/// The value whose word stands at `key`.
template <class Enum, std::size_t kCount>
Enum word(TomlReader& reader, std::string_view key,
          const std::array<std::pair<std::string_view, Enum>, kCount>& words) {
  const TomlPlace place = reader.value(key);
  const std::string text = place.string();
  std::string rule = "must be ";
  for (std::size_t i = 0; i < kCount; ++i) {
    if (words[i].first == text) return words[i].second;
    rule += std::string(i == 0           ? ""
                        : i + 1 < kCount ? ", "
                                         : " or ") +
            "\"" + std::string(words[i].first) + "\"";
  }
  place.refuse(rule);
}

std::vector<money::Decimal> read_weights(TomlReader& reader) {
  const TomlPlace place = reader.value("weights");
  if (place.kind() == TomlKind::kString) {
    if (place.string() == "equal") return {};
    place.refuse("must be \"equal\" or a list of decimal strings or whole numbers");
  }
  std::vector<money::Decimal> weights;
  for (const TomlPlace& item : place.items()) {
    weights.push_back(item.kind() == TomlKind::kInteger ? money::Decimal::of(item.integer())
                                                        : item.decimal());
    if (weights.back().is_negative()) item.refuse("is negative");
  }
  if (weights.empty()) place.refuse("is empty");
  return weights;
}

IndexDefinition read_index(const TomlDocument& document) {
  TomlReader reader = document.root();
  IndexDefinition index;
  index.id = reader.string("id");
  index.pair = reader.string("pair");
  const TomlPlace strike_time = reader.value("strike_time");
  const auto time_of_day = time::TimeOfDay::parse(strike_time.string());
  if (!time_of_day) strike_time.refuse("must be a local time HH:MM");
  index.strike_time = *time_of_day;
  index.time_zone = reader.string("time_zone");
  index.window_minutes = reader.integer("window_minutes");
  index.partitions = reader.integer("partitions");
  index.statistic = word<Statistic, 2>(
      reader, "statistic",
      {{{"volume_weighted_median", Statistic::kVolumeWeightedMedian}, {"vwap", Statistic::kVwap}}});
  index.tie = word<Tie, 2>(reader, "tie", {{{"lower", Tie::kLower}, {"average", Tie::kAverage}}});
  index.empty_partition = word<EmptyPartition, 2>(
      reader, "empty_partition", {{{"drop", EmptyPartition::kDrop}, {"carry", EmptyPartition::kCarry}}});
  index.weights = read_weights(reader);
  index.venues = reader.strings("venues");
  index.venue_deviation_max = reader.decimal("venue_deviation_max");
  index.venue_deviation_reference = word<DeviationReference, 2>(
      reader, "venue_deviation_reference",
      {{{"others", DeviationReference::kOthers}, {"all", DeviationReference::kAll}}});
  index.minimum_venues = reader.integer("minimum_venues");
  index.decimals = reader.integer("decimals");
  index.rounding = word<money::Rounding, 3>(reader, "rounding",
                                            {{{"half_even", money::Rounding::kHalfEven},
                                              {"half_up", money::Rounding::kHalfUp},
                                              {"down", money::Rounding::kDown}}});
  index.half_day_calendar = reader.optional_string("half_day_calendar");
  index.effective_from = reader.optional_date("effective_from");
  index.effective_to = reader.optional_date("effective_to");
  if (const auto delay = reader.optional_integer("retrieval_delay_seconds", 0, kRetrievalDelayMax))
    index.retrieval_delay_seconds = *delay;
  reader.finish();
  if (index.effective_to && index.effective_from && *index.effective_to < *index.effective_from)
    reader.refuse("effective_to", "lies before effective_from");
  if (index.half_day_calendar && time::Calendar::find(*index.half_day_calendar) == nullptr)
    reader.refuse("half_day_calendar",
                  "is not a calendar: exchange, settlement, bank, reference_rate, custodian");
  if (const auto problem = problem_with(index)) reader.refuse(problem->key, problem->rule);
  if (time::Zone::find(index.time_zone).has_error()) {
    reader.refuse("time_zone", "is not a zone of the system's database");
  }
  return index;
}

base::Checked<IndexDefinition> index_of(const base::Checked<TomlDocument>& document) {
  if (document.has_error()) return document.error();
  return base::checked([&] { return read_index(*document); });
}

}  // namespace

base::Checked<IndexDefinition> parse_index(std::string_view toml, const std::string& file) {
  return index_of(TomlDocument::parse(toml, file));
}

base::Checked<IndexDefinition> load_index(const std::string& path) {
  return index_of(TomlDocument::load(path));
}

std::string place_of_key(const std::string& path, const std::string& key) {
  const auto document = TomlDocument::load(path);
  return document.has_value() ? document->root().where(key) : path + ": " + key;
}

}  // namespace navkeeper::pricing
