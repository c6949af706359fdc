#pragma once
// What a value of the real-time index was made from, and no more: of each venue when it was last heard, and
// its book down to the worst level that the value depends on. From it the value can be made again to the last
// digit (recompute), years later and without the venues' messages.
//
// A venue that counted keeps its levels at or better than the last consolidated level that was looked at, and
// always its best one of each side: the screen looks at it. A venue that did not count keeps only its best
// levels: they are what says that it was one-sided, crossed or too far away.
//
// Encoded: whole (a key), or as changes since the evidence before it; both are exact. Numbers are LEB128
// varints; prices and sizes are written in the largest power of ten that divides all of a venue's, so that
// cents cost what cents are worth.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/base/bytes.h"
#include "common/time/instant.h"
#include "services/pricing/domain/markets/real_time_index.h"

namespace navkeeper::pricing {

struct VenueEvidence {
  bool known = false;
  time::Instant heard_at;   ///< of a known venue
  std::vector<Level> bids;  ///< best first
  std::vector<Level> asks;
  bool operator==(const VenueEvidence&) const = default;
};

struct BookEvidence {
  std::vector<VenueEvidence> venues;  ///< in the order of the definition's list
  bool operator==(const BookEvidence&) const = default;
};

/// Of `value`, which must be the last that `index` gave (no book changed since).
BookEvidence evidence_of(const RealTimeIndex& index, const RealTimeValue& value);

/// The value made again; equal to the one whose evidence it is, in every field.
RealTimeValue recompute(const RealTimeDefinition& definition, const BookEvidence& evidence,
                        const ScreenState& before, time::Instant at);

/// `before` null: a key, which needs nothing to be read. `at`: of the value.
base::Bytes encode_evidence(const BookEvidence& evidence, const BookEvidence* before, time::Instant at);
/// Nothing when the bytes are not what encode_evidence made for `venues` venues, `at` and `before`.
std::optional<BookEvidence> decode_evidence(std::span<const std::uint8_t> bytes, std::size_t venues,
                                            const BookEvidence* before, time::Instant at);

}  // namespace navkeeper::pricing
