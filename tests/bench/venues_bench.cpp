// Reading the venues' messages against simdjson walking the same bytes in the same run: on-demand through
// every value down to the last, taking strings and raw numbers but making nothing of them; and simdjson's own
// DOM. Bytes are those of the message; the walker reads a padded copy made beforehand, ours copies each
// frame.
#include <benchmark/benchmark.h>
#include <simdjson.h>
#include <time.h>

#include <memory>
#include <string>
#include <vector>

#include "services/pricing/adapters/venues/live_book.h"
#include "services/pricing/adapters/venues/protocol.h"
#include "tests/unit/services/pricing/venues/venues_fixture.h"

namespace navkeeper::pricing::venues {
namespace {

namespace ondemand = simdjson::ondemand;

struct Stream {
  const char* name;
  std::unique_ptr<VenueProtocol> (*protocol)();
  std::string_view message;
  int trades;  ///< copies of the message's one trade in a batch
};

/// The documented message; a batch repeats the object inside the trades' array.
std::string batch(std::string_view message, int copies) {
  std::string text(message);
  const auto open = text.find("[{");
  if (copies == 1 || open == std::string::npos) return text;
  const auto close = text.find("}]", open);
  const std::string item = text.substr(open + 1, close - open);
  std::string all;
  for (int i = 0; i < copies; ++i) all += (i > 0 ? "," : "") + item;
  return text.replace(open + 1, close - open, all);
}

const std::vector<Stream>& streams() {
  static const std::vector<Stream> kStreams{
      {"coinbase/match", coinbase_btc, kCoinbaseMatch, 1},
      {"kraken/trade", kraken_btc, kKrakenTrade, 1},
      {"kraken/trade_batch_of_20", kraken_btc, kKrakenTrade, 20},
      {"kraken/book_of_20", kraken_btc, kKrakenBook, 1},
      {"crypto_com/trade", crypto_com_btc, kCryptoComTrade, 1},
      {"crypto_com/trade_batch_of_20", crypto_com_btc, kCryptoComTrade, 20},
      {"crypto_com/book_update", crypto_com_btc, kCryptoComBook, 1},
      {"bitstamp/trade", bitstamp_btc, kBitstampTrade, 1},
      {"bitstamp/book", bitstamp_btc, kBitstampBook, 1},
      {"gemini/trade", gemini_btc, kGeminiTrade, 1},
      {"bullish/trade", bullish_btc, kBullishTrade, 1},
      {"bullish/trade_batch_of_100", bullish_btc, kBullishTrade, 100},
      {"lmax/ticker", lmax_btc, kLmaxTicker, 1},
      {"coinbase_level2/book", coinbase_level2_btc, kCoinbaseLevel2, 1},
  };
  return kStreams;
}

void report(benchmark::State& state, const std::string& text) {
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void read_messages(benchmark::State& state, const Stream& stream) {
  const auto protocol = stream.protocol();
  const std::string text = batch(stream.message, stream.trades);
  Frame frame;
  for (auto _ : state) {
    protocol->read(text, frame);
    benchmark::DoNotOptimize(frame.trades.data());
    if (frame.refusal_count() != 0) state.SkipWithError("refused");
  }
  report(state, text);
}

std::size_t walk(ondemand::value value);

std::size_t walk_scalar(ondemand::value& value, ondemand::json_type type) {
  if (type != ondemand::json_type::string) return value.raw_json_token().size();
  std::string_view text;
  return value.get_string().get(text) == simdjson::SUCCESS ? text.size() : 0;
}

std::size_t walk(ondemand::value value) {
  ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return 0;
  std::size_t sum = 0;
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return 0;
    for (auto field : object) {
      std::string_view key;
      if (field.unescaped_key().get(key) != simdjson::SUCCESS) return 0;
      ondemand::value inner;
      if (field.value().get(inner) != simdjson::SUCCESS) return 0;
      sum += key.size() + walk(inner);
    }
  } else if (type == ondemand::json_type::array) {
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return 0;
    for (auto item : array) {
      ondemand::value inner;
      if (std::move(item).get(inner) != simdjson::SUCCESS) return 0;
      sum += walk(inner);
    }
  } else {
    sum += walk_scalar(value, type);
  }
  return sum;
}

void walk_with_simdjson(benchmark::State& state, const Stream& stream) {
  const std::string text = batch(stream.message, stream.trades);
  const simdjson::padded_string padded(text);
  ondemand::parser parser;
  for (auto _ : state) {
    ondemand::document document;
    ondemand::value root;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
        document.get_value().get(root) != simdjson::SUCCESS) {
      state.SkipWithError("not JSON");
      break;
    }
    benchmark::DoNotOptimize(walk(root));
  }
  report(state, text);
}

void parse_with_simdjson_dom(benchmark::State& state, const Stream& stream) {
  const std::string text = batch(stream.message, stream.trades);
  const simdjson::padded_string padded(text);
  simdjson::dom::parser parser;
  for (auto _ : state) {
    simdjson::dom::element root;
    if (parser.parse(padded).get(root) != simdjson::SUCCESS) state.SkipWithError("not JSON");
    benchmark::DoNotOptimize(root);
  }
  report(state, text);
}

double thread_cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Ours and simdjson by turns, so that whatever else the machine does meets all three: `of_ondemand` and
/// `of_dom` are our rate as a part of simdjson's, by the CPU time of this thread. A half is the aim.
void against_simdjson(benchmark::State& state, const Stream& stream) {
  constexpr int kTurn = 256;
  const auto protocol = stream.protocol();
  const std::string text = batch(stream.message, stream.trades);
  const simdjson::padded_string padded(text);
  Frame frame;
  ondemand::parser walker;
  simdjson::dom::parser parser;
  double ours = 0, ondemand_walk = 0, dom = 0;
  for (auto _ : state) {
    const double t0 = thread_cpu_ns();
    for (int i = 0; i < kTurn; ++i) {
      protocol->read(text, frame);
      benchmark::DoNotOptimize(frame.trades.data());
    }
    const double t1 = thread_cpu_ns();
    for (int i = 0; i < kTurn; ++i) {
      ondemand::document document;
      ondemand::value root;
      if (walker.iterate(padded).get(document) != simdjson::SUCCESS ||
          document.get_value().get(root) != simdjson::SUCCESS)
        state.SkipWithError("not JSON");
      benchmark::DoNotOptimize(walk(root));
    }
    const double t2 = thread_cpu_ns();
    for (int i = 0; i < kTurn; ++i) {
      simdjson::dom::element root;
      if (parser.parse(padded).get(root) != simdjson::SUCCESS) state.SkipWithError("not JSON");
      benchmark::DoNotOptimize(root);
    }
    ours += t1 - t0;
    ondemand_walk += t2 - t1;
    dom += thread_cpu_ns() - t2;
  }
  const double messages = static_cast<double>(state.iterations()) * kTurn;
  state.counters["messages/s"] = messages / ours * 1e9;
  state.counters["MB/s"] = messages * static_cast<double>(text.size()) / ours * 1e3;
  state.counters["of_ondemand"] = ondemand_walk / ours;
  state.counters["of_dom"] = dom / ours;
}

/// A book of a thousand levels a side, and a change near its top.
void apply_book_update(benchmark::State& state) {
  LiveBook book;
  std::vector<BookLevel> levels;
  for (std::int64_t i = 0; i < 1000; ++i) {
    levels.push_back({{6'000'000 - i, 2}, {100 + i, 3}, true});
    levels.push_back({{6'000'001 + i, 2}, {100 + i, 3}, false});
  }
  BookUpdate update;
  update.snapshot = true;
  if (book.apply(update, levels)) state.SkipWithError("refused");
  update.snapshot = false;
  std::int64_t turn = 0;
  for (auto _ : state) {
    const BookLevel change[] = {{{6'000'000 - turn % 20, 2}, {turn % 3, 3}, true}};
    ++turn;
    if (book.apply(update, change)) state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(apply_book_update);

const bool kRegistered = [] {
  for (const Stream& stream : streams()) {
    const std::string name = stream.name;
    benchmark::RegisterBenchmark((name + "/against_simdjson").c_str(),
                                 [&stream](benchmark::State& s) { against_simdjson(s, stream); });
    benchmark::RegisterBenchmark((name + "/ours").c_str(),
                                 [&stream](benchmark::State& s) { read_messages(s, stream); });
    benchmark::RegisterBenchmark((name + "/simdjson_ondemand").c_str(),
                                 [&stream](benchmark::State& s) { walk_with_simdjson(s, stream); });
    benchmark::RegisterBenchmark((name + "/simdjson_dom").c_str(),
                                 [&stream](benchmark::State& s) { parse_with_simdjson_dom(s, stream); });
  }
  return true;
}();

}  // namespace
}  // namespace navkeeper::pricing::venues
