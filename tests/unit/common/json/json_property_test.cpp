// Properties of reading and writing JSON over random trees.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "common/json/value.h"
#include "common/json/write.h"

namespace navkeeper::json {
namespace {

// Text of any code points that UTF-8 can hold, control characters and quotes among them.
rc::Gen<std::string> any_text() {
  const auto code_point = rc::gen::weightedOneOf<int>({{4, rc::gen::inRange(0x20, 0x7f)},
                                                       {2, rc::gen::inRange(0, 0x20)},
                                                       {1, rc::gen::inRange(0x80, 0x800)},
                                                       {1, rc::gen::inRange(0xE000, 0x10000)},
                                                       {1, rc::gen::inRange(0x10000, 0x110000)}});
  return rc::gen::map(rc::gen::container<std::vector<int>>(code_point), [](const std::vector<int>& points) {
    std::string text;
    const auto byte = [&](int value) { text.push_back(static_cast<char>(value)); };
    for (const int point : points) {
      if (point < 0x80) {
        byte(point);
      } else if (point < 0x800) {
        byte(0xC0 | (point >> 6));
        byte(0x80 | (point & 0x3F));
      } else if (point < 0x10000) {
        byte(0xE0 | (point >> 12));
        byte(0x80 | ((point >> 6) & 0x3F));
        byte(0x80 | (point & 0x3F));
      } else {
        byte(0xF0 | (point >> 18));
        byte(0x80 | ((point >> 12) & 0x3F));
        byte(0x80 | ((point >> 6) & 0x3F));
        byte(0x80 | (point & 0x3F));
      }
    }
    return text;
  });
}

Value any_value(int depth) {
  switch (*rc::gen::inRange(0, depth == 0 ? 4 : 6)) {
    case 0:
      return {};
    case 1:
      return Value::boolean(*rc::gen::arbitrary<bool>());
    case 2:
      return Value::number(std::to_string(*rc::gen::arbitrary<std::int64_t>()) +
                           *rc::gen::element<std::string>("", ".0", ".125", "e5", "E-300", ".00e+7"));
    case 3:
      return Value::string(*any_text());
    case 4: {
      Array items;
      for (int i = *rc::gen::inRange(0, 5); i > 0; --i) items.push_back(any_value(depth - 1));
      return Value::array(std::move(items));
    }
    default: {
      Object members;
      for (int i = *rc::gen::inRange(0, 25); i > 0; --i) {
        std::string key = *any_text();
        if (std::none_of(members.begin(), members.end(), [&](const Member& m) { return m.key == key; }))
          members.push_back({std::move(key), any_value(depth - 1)});
      }
      return Value::object(std::move(members));
    }
  }
}

RC_GTEST_PROP(Json, WhatWasWrittenIsReadBackEqual, ()) {
  const Value tree = any_value(3);
  const auto compact = parse(to_compact(tree));
  RC_ASSERT(compact.has_value());
  RC_ASSERT(*compact == tree);
  const auto pretty = parse(to_pretty(tree));
  RC_ASSERT(pretty.has_value());
  RC_ASSERT(*pretty == tree);
}

RC_GTEST_PROP(Json, TheCanonicalFormDoesNotDependOnTheOrderOfKeys, ()) {
  const Value tree = any_value(2);
  const std::string canonical = to_canonical(tree);
  const auto again = parse(canonical);
  RC_ASSERT(again.has_value());
  RC_ASSERT(to_canonical(*again) == canonical);
  if (tree.kind() == Kind::kObject) {
    Object reversed = tree.as_object();
    std::reverse(reversed.begin(), reversed.end());
    RC_ASSERT(to_canonical(Value::object(std::move(reversed))) == canonical);
  }
}

/// The tree call by call, not as a tree.
void write_calls(Writer& writer, const Value& value) {
  if (value.kind() == Kind::kArray) {
    writer.begin_array();
    for (const Value& item : value.as_array()) write_calls(writer, item);
    writer.end_array();
  } else if (value.kind() == Kind::kObject) {
    writer.begin_object();
    for (const Member& member : value.as_object()) {
      writer.key(member.key);
      write_calls(writer, member.value);
    }
    writer.end_object();
  } else {
    writer.value(value);
  }
}

RC_GTEST_PROP(Json, AWriterThatSortsKeysWritesTheCanonicalForm, ()) {
  const Value tree = any_value(3);
  Writer writer(Keys::kSorted);
  write_calls(writer, tree);
  RC_ASSERT(writer.take() == to_canonical(tree));
}

RC_GTEST_PROP(Json, ADamagedDocumentIsNeverTakenForTheSameOne, ()) {
  const Value tree = Value::array({any_value(2)});
  std::string text = to_compact(tree);
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  text.erase(at, 1);
  const auto parsed = parse(text);
  if (parsed.has_value()) RC_ASSERT(!(*parsed == tree));
}

RC_GTEST_PROP(Json, AnyBytesAreReadOrRefused, (const std::string& bytes)) {
  const auto parsed = parse(bytes);
  if (!parsed.has_value()) return;
  const auto again = parse(to_compact(*parsed));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == *parsed);
}

}  // namespace
}  // namespace navkeeper::json
