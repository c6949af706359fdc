#include "services/pricing/domain/intake.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::pricing {
namespace {

constexpr std::size_t kSlotsFirst = 1024;
constexpr std::int64_t kSecondNs = 1'000'000'000;

std::uint64_t mixed(std::uint64_t value) {
  value *= 0x9E3779B97F4A7C15U;
  return value ^ (value >> 32);
}

std::uint64_t hash_of(std::uint32_t venue, std::uint32_t pair, std::string_view id) {
  const std::uint64_t names = (std::uint64_t{venue} << 32) | pair;
  return mixed(std::hash<std::string_view>{}(id) ^ mixed(names));
}

}  // namespace

void RejectedRows::add(RowPlace place, std::string_view reason) {
  ++count_;
  if (first_.size() == kFirstMax && place >= first_.back().place) return;
  const auto at = std::ranges::upper_bound(first_, place, {}, &RejectedRow::place);
  first_.insert(at, RejectedRow{place, std::string(reason)});
  if (first_.size() > kFirstMax) first_.pop_back();
}

TradeIntake::TradeIntake(const IndexDefinition& index, Window window)
    : index_(index), window_(window), trades_(window), slots_(kSlotsFirst, 0) {
  names_.emplace_back();  // what the first row is compared with: no name is empty
  for (const std::string& venue : index.venues) intern(venue, last_venue_);
  pair_ = intern(index.pair, last_pair_);
  last_venue_ = 1;
}

std::uint32_t TradeIntake::intern(std::string_view name, std::uint32_t& last) {
  if (names_[last] == name) return last;
  const auto found = positions_.find(name);
  if (found != positions_.end()) return last = found->second;
  ENSURE(names_.size() < UINT32_MAX);
  last = static_cast<std::uint32_t>(names_.size());
  positions_.emplace(names_.emplace_back(name), last);
  return last;
}

Number TradeIntake::kept(const Number& number) {
  if (number.wide == nullptr) return number;
  return {0, 0, &wide_.emplace_back(*number.wide)};
}

void TradeIntake::add(const TradeRow& row) {
  const std::uint32_t venue = intern(row.venue, last_venue_);
  const std::uint32_t pair = intern(row.pair, last_pair_);
  if (row.id.empty()) {
    count(row.time_ns, row.far_key, venue, pair, row.price, row.size);
    return;
  }
  ENSURE(held_.size() < UINT32_MAX - 1);
  Held held{row.place,
            row.time_ns,
            kept(row.price),
            kept(row.size),
            hash_of(venue, pair, row.id),
            ids_.size(),
            static_cast<std::uint32_t>(row.id.size()),
            venue,
            pair,
            0,
            false,
            row.coarse_time,
            row.far_key};
  held.original = find_or_place(held, row.id);
  if (held.original != held_.size()) {
    Held& original = held_[held.original];
    if (!agree(original, held)) original.contradicted = true;
  } else {
    ids_.append(row.id);
  }
  held_.push_back(held);
  if (held_.size() * 2 > slots_.size()) grow();
}

bool TradeIntake::agree(Held& original, const Held& copy) {
  if (original.price != copy.price || original.size != copy.size || original.far_key != copy.far_key)
    return false;
  if (original.coarse_time == copy.coarse_time) return original.time_ns == copy.time_ns;
  const Held& fine = original.coarse_time ? copy : original;
  const Held& coarse = original.coarse_time ? original : copy;
  const bool inside = fine.time_ns >= coarse.time_ns && fine.time_ns - coarse.time_ns < kSecondNs;
  original.time_ns = fine.time_ns;
  original.coarse_time = false;
  return inside;
}

/// The position of the row with the same key, or, when there is none, that of the row about to be added.
std::uint32_t TradeIntake::find_or_place(const Held& held, std::string_view id) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = held.hash & mask;; slot = (slot + 1) & mask) {
    if (slots_[slot] == 0) {
      const auto position = static_cast<std::uint32_t>(held_.size());
      slots_[slot] = position + 1;
      return position;
    }
    const Held& other = held_[slots_[slot] - 1];
    if (other.hash == held.hash && other.venue == held.venue && other.pair == held.pair &&
        std::string_view(ids_).substr(other.id_at, other.id_length) == id) {
      return slots_[slot] - 1;
    }
  }
}

void TradeIntake::grow() {
  slots_.assign(slots_.size() * 4, 0);
  const std::size_t mask = slots_.size() - 1;
  for (std::uint32_t position = 0; position < held_.size(); ++position) {
    if (held_[position].original != position) continue;
    std::size_t slot = held_[position].hash & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = position + 1;
  }
}

void TradeIntake::count(std::int64_t time_ns, std::uint64_t far_key, std::uint32_t venue, std::uint32_t pair,
                        const Number& price, const Number& size) {
  if (pair != pair_ || far_key != 0 || !window_.contains(time_ns)) return;
  if (venue > index_.venues.size()) {
    ++ignored_;
    return;
  }
  trades_.add(time_ns, static_cast<std::uint8_t>(venue - 1), kept(price), kept(size));
}

Intake TradeIntake::finish() {
  for (std::uint32_t position = 0; position < held_.size(); ++position) {
    const Held& held = held_[position];
    if (held_[held.original].contradicted) {
      rejected_.add(held.place, kContradiction);
    } else if (held.original == position) {
      count(held.time_ns, held.far_key, held.venue, held.pair, held.price, held.size);
    }
  }
  return {std::move(trades_), std::move(rejected_), ignored_};
}

}  // namespace navkeeper::pricing
