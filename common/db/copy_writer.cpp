#include "common/db/copy_writer.h"

#include <libpq-fe.h>

#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#include "common/base/ensure.h"
#include "common/db/connection.h"
#include "common/db/pqxx_access.h"

// The format is that of the PostgreSQL 15 manual, COPY, "Binary Format"; numeric as numeric_recv of
// src/backend/utils/adt/numeric.c reads it.
namespace navkeeper::db {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{256} * 1024;
constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
constexpr std::uint16_t kNumericNegative = 0x4000;
constexpr std::uint64_t kNumericBase = 10'000;

template <class Integer>
void put_big_endian(std::vector<std::uint8_t>& buffer, Integer value) {
  const auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
  for (std::size_t shift = sizeof(bits) * 8; shift != 0; shift -= 8)
    buffer.push_back(static_cast<std::uint8_t>(bits >> (shift - 8)));
}

std::string quoted_column(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + '"';
}

/// Base-10000 digits, least significant first. The widest value, 2^256 * 1000, has 21.
struct NumericDigits {
  std::array<std::uint16_t, 24> digits;
  int count = 0;
};

NumericDigits digits_of(std::uint64_t magnitude) {
  NumericDigits result;
  for (; magnitude != 0; magnitude /= kNumericBase)
    result.digits[static_cast<std::size_t>(result.count++)] =
        static_cast<std::uint16_t>(magnitude % kNumericBase);
  return result;
}

NumericDigits digits_of(std::array<std::uint64_t, 5> magnitude) {
  NumericDigits result;
  std::size_t used = magnitude.size();
  while (true) {
    while (used > 0 && magnitude[used - 1] == 0) --used;
    if (used == 0) return result;
    std::uint64_t remainder = 0;
    for (std::size_t limb = used; limb-- > 0;) {
      const unsigned __int128 dividend = (static_cast<unsigned __int128>(remainder) << 64) | magnitude[limb];
      magnitude[limb] = static_cast<std::uint64_t>(dividend / kNumericBase);
      remainder = static_cast<std::uint64_t>(dividend % kNumericBase);
    }
    result.digits[static_cast<std::size_t>(result.count++)] = static_cast<std::uint16_t>(remainder);
  }
}

/// The value is digits / 10000^fraction_digits.
void put_numeric(std::vector<std::uint8_t>& buffer, const NumericDigits& digits, int fraction_digits,
                 bool negative, int display_scale) {
  int lowest = 0;  // Trailing zero digits are not sent.
  while (lowest < digits.count && digits.digits[static_cast<std::size_t>(lowest)] == 0) ++lowest;
  const int count = digits.count - lowest;
  put_big_endian<std::int32_t>(buffer, 8 + 2 * count);
  put_big_endian<std::int16_t>(buffer, static_cast<std::int16_t>(count));
  put_big_endian<std::int16_t>(
      buffer, static_cast<std::int16_t>(count == 0 ? 0 : digits.count - 1 - fraction_digits));
  put_big_endian<std::uint16_t>(buffer, negative && count > 0 ? kNumericNegative : std::uint16_t{0});
  put_big_endian<std::uint16_t>(buffer, static_cast<std::uint16_t>(display_scale));
  for (int digit = digits.count - 1; digit >= lowest; --digit)
    put_big_endian<std::uint16_t>(buffer, digits.digits[static_cast<std::size_t>(digit)]);
}

constexpr std::array<std::uint64_t, 4> kPadding{1, 10, 100, 1000};

void put_numeric(std::vector<std::uint8_t>& buffer, const std::array<std::uint64_t, 4>& limbs, int scale,
                 bool negative) {
  const int fraction_digits = (scale + 3) / 4;
  const std::uint64_t padding = kPadding[static_cast<std::size_t>(fraction_digits * 4 - scale)];
  std::array<std::uint64_t, 5> padded{};
  unsigned __int128 carry = 0;
  for (std::size_t limb = 0; limb < limbs.size(); ++limb) {
    carry += static_cast<unsigned __int128>(limbs[limb]) * padding;
    padded[limb] = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
  padded[4] = static_cast<std::uint64_t>(carry);
  const bool is_small = padded[1] == 0 && padded[2] == 0 && padded[3] == 0 && padded[4] == 0;
  put_numeric(buffer, is_small ? digits_of(padded[0]) : digits_of(padded), fraction_digits, negative, scale);
}

}  // namespace

CopyWriter::CopyWriter(Transaction& transaction, std::string_view table,
                       const std::vector<std::string>& columns)
    : transaction_(transaction), columns_(columns.size()) {
  ENSURE(!columns.empty());
  std::string sql = "COPY " + quoted_column(table) + " (";
  for (std::size_t column = 0; column < columns.size(); ++column)
    sql += (column > 0 ? ", " : "") + quoted_column(columns[column]);
  sql += ") FROM STDIN (FORMAT binary)";
  PGconn* handle = transaction_.implementation().borrowed->connection().handle();
  if (handle == nullptr) throw base::Unavailable("database: the connection is closed");
  PGresult* result = PQexec(handle, sql.c_str());
  const bool is_copying = PQresultStatus(result) == PGRES_COPY_IN;
  if (!is_copying) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const pqxx::sql_error error(PQresultErrorMessage(result), sql, state);
    PQclear(result);
    mapped([&] { throw pqxx::sql_error(error); });
  }
  PQclear(result);
  open_ = true;
  buffer_.reserve(kBufferBytes + 4096);
  buffer_.assign(kSignature.begin(), kSignature.end());
  put_big_endian<std::int32_t>(buffer_, 0);  // No flags.
  put_big_endian<std::int32_t>(buffer_, 0);  // No header extension.
}

CopyWriter::~CopyWriter() {
  if (!open_) return;
  PGconn* handle = transaction_.implementation().borrowed->connection().handle();
  if (handle == nullptr) return;
  PQputCopyEnd(handle, "abandoned");
  while (PGresult* result = PQgetResult(handle)) PQclear(result);
}

void CopyWriter::begin_value() {
  ENSURE(open_);
  if (values_ == 0) put_big_endian<std::int16_t>(buffer_, static_cast<std::int16_t>(columns_));
  ++values_;
}

CopyWriter& CopyWriter::int64(std::int64_t value) {
  begin_value();
  put_big_endian<std::int32_t>(buffer_, 8);
  put_big_endian(buffer_, value);
  return *this;
}

CopyWriter& CopyWriter::int32(std::int32_t value) {
  begin_value();
  put_big_endian<std::int32_t>(buffer_, 4);
  put_big_endian(buffer_, value);
  return *this;
}

CopyWriter& CopyWriter::int16(std::int16_t value) {
  begin_value();
  put_big_endian<std::int32_t>(buffer_, 2);
  put_big_endian(buffer_, value);
  return *this;
}

CopyWriter& CopyWriter::boolean(bool value) {
  begin_value();
  put_big_endian<std::int32_t>(buffer_, 1);
  buffer_.push_back(value ? 1 : 0);
  return *this;
}

CopyWriter& CopyWriter::text(std::string_view value) {
  begin_value();
  ENSURE(value.size() < (std::size_t{1} << 30));
  put_big_endian<std::int32_t>(buffer_, static_cast<std::int32_t>(value.size()));
  buffer_.insert(buffer_.end(), value.begin(), value.end());
  return *this;
}

CopyWriter& CopyWriter::bytes(std::span<const std::uint8_t> value) {
  begin_value();
  ENSURE(value.size() < (std::size_t{1} << 30));
  put_big_endian<std::int32_t>(buffer_, static_cast<std::int32_t>(value.size()));
  buffer_.insert(buffer_.end(), value.begin(), value.end());
  return *this;
}

CopyWriter& CopyWriter::numeric(const money::Decimal& value) {
  begin_value();
  put_numeric(buffer_, value.magnitude_limbs(), value.scale(), value.is_negative());
  return *this;
}

CopyWriter& CopyWriter::numeric(money::Int128 units, int scale) {
  ENSURE(scale >= 0 && scale <= money::Decimal::kDigitsAfter);
  begin_value();
  const bool negative = units < 0;
  const auto magnitude =
      negative ? money::Uint128{0} - static_cast<money::Uint128>(units) : static_cast<money::Uint128>(units);
  put_numeric(buffer_,
              {static_cast<std::uint64_t>(magnitude), static_cast<std::uint64_t>(magnitude >> 64), 0, 0},
              scale, negative);
  return *this;
}

CopyWriter& CopyWriter::date(time::Date value) {
  // Days since 2000-01-01 (date_recv of src/backend/utils/adt/date.c).
  return int32(static_cast<std::int32_t>(value - time::Date::literal("2000-01-01")));
}

CopyWriter& CopyWriter::null() {
  begin_value();
  put_big_endian<std::int32_t>(buffer_, -1);
  return *this;
}

void CopyWriter::end_row() {
  ENSURE(open_ && values_ == columns_);
  values_ = 0;
  if (buffer_.size() >= kBufferBytes) send();
}

void CopyWriter::send() {
  PGconn* handle = transaction_.implementation().borrowed->connection().handle();
  if (PQputCopyData(handle, reinterpret_cast<const char*>(buffer_.data()),
                    static_cast<int>(buffer_.size())) != 1) {
    open_ = false;
    throw base::Unavailable(std::string("database: COPY: ") + PQerrorMessage(handle));
  }
  buffer_.clear();
}

std::int64_t CopyWriter::finish() {
  ENSURE(open_ && values_ == 0);
  put_big_endian<std::int16_t>(buffer_, -1);
  send();
  open_ = false;
  PGconn* handle = transaction_.implementation().borrowed->connection().handle();
  if (PQputCopyEnd(handle, nullptr) != 1)
    throw base::Unavailable(std::string("database: COPY: ") + PQerrorMessage(handle));
  std::int64_t rows = 0;
  std::string message;
  std::string state;
  bool failed = false;
  while (PGresult* result = PQgetResult(handle)) {
    if (PQresultStatus(result) == PGRES_COMMAND_OK) {
      const std::string_view tuples = PQcmdTuples(result);
      std::from_chars(tuples.data(), tuples.data() + tuples.size(), rows);
    } else if (!failed) {
      failed = true;
      message = PQresultErrorMessage(result);
      if (const char* field = PQresultErrorField(result, PG_DIAG_SQLSTATE)) state = field;
    }
    PQclear(result);
  }
  if (failed)
    mapped([&] { throw pqxx::sql_error(message, "COPY", state.empty() ? nullptr : state.c_str()); });
  return rows;
}

}  // namespace navkeeper::db
