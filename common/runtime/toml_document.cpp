// The one place that knows toml++: a parsed file becomes our own small tree, so that lines stay with keys.
#include <stdexcept>

namespace navkeeper::runtime {
// toml++ 3.3 checks some of its input by assertion ("[[[" ends the process); here that becomes a refusal too.
[[noreturn]] static void refuse_toml_assertion() { throw std::invalid_argument("not TOML"); }
}  // namespace navkeeper::runtime
#undef NDEBUG  // in a release build toml++ would drop its assertions, ours included, and read on past them
#define TOML_ASSERT(condition) \
  (static_cast<bool>(condition) ? void() : ::navkeeper::runtime::refuse_toml_assertion())
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "common/base/refuse.h"
#include "common/runtime/toml_reader.h"

namespace navkeeper::runtime {
namespace {

int line_of(const toml::source_region& source) { return static_cast<int>(source.begin.line); }

template <class T>
std::string written(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

TomlValue convert(const toml::node& node) {
  TomlValue value;
  value.line = line_of(node.source());
  switch (node.type()) {
    case toml::node_type::table:
      value.kind = TomlKind::kTable;
      for (const auto& [key, member] : *node.as_table()) {
        TomlValue converted = convert(member);
        // A table's own line is its header's; every other value is named by its key's line.
        if (converted.line == 0 || !member.is_table()) converted.line = line_of(key.source());
        value.members.push_back({std::string(key.str()), std::move(converted)});
      }
      std::stable_sort(value.members.begin(), value.members.end(),
                       [](const TomlMember& a, const TomlMember& b) { return a.value.line < b.value.line; });
      break;
    case toml::node_type::array:
      value.kind = TomlKind::kArray;
      for (const toml::node& item : *node.as_array()) value.items.push_back(convert(item));
      break;
    case toml::node_type::string:
      value.kind = TomlKind::kString;
      value.text = **node.as_string();
      break;
    case toml::node_type::integer:
      value.kind = TomlKind::kInteger;
      value.integer = **node.as_integer();
      break;
    case toml::node_type::floating_point:
      value.kind = TomlKind::kFloat;
      break;
    case toml::node_type::boolean:
      value.kind = TomlKind::kBoolean;
      value.boolean = **node.as_boolean();
      break;
    case toml::node_type::date:
      value.kind = TomlKind::kDate;
      value.text = written(**node.as_date());
      break;
    case toml::node_type::time:
      value.kind = TomlKind::kTime;
      value.text = written(**node.as_time());
      break;
    case toml::node_type::date_time:
      value.kind = TomlKind::kTime;
      value.text = written(**node.as_date_time());
      break;
    case toml::node_type::none:
      break;
  }
  return value;
}

}  // namespace

base::Checked<TomlDocument> TomlDocument::parse(std::string_view text, std::string file) {
  if (text.size() > kTomlBytesMax)
    return base::Refusal{file, "the file is larger than " + std::to_string(kTomlBytesMax) + " bytes"};
  try {
    const toml::table table = toml::parse(text, file);
    TomlDocument document;
    auto root = std::make_shared<TomlValue>(convert(table));
    root->line = 0;  // The whole file has no line of its own.
    document.root_ = std::move(root);
    document.file_ = std::make_shared<const std::string>(std::move(file));
    document.text_ = std::make_shared<const std::string>(text);
    return document;
  } catch (const toml::parse_error& error) {
    const int line = line_of(error.source());
    return base::Refusal{line > 0 ? file + ":" + std::to_string(line) : file,
                         std::string(error.description())};
  } catch (const std::invalid_argument& error) {
    return base::Refusal{file, error.what()};
  }
}

base::Checked<TomlDocument> TomlDocument::load(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text;
  if (in) {
    text.resize(kTomlBytesMax + 1);
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
  }
  if (!in && !in.eof()) {
    const int error = errno;
    return base::Refusal{path, std::string("the file cannot be read: ") + std::strerror(error)};
  }
  return parse(text, path);
}

TomlReader TomlDocument::root() const { return TomlReader(TomlPlace(*root_, file_, "")); }

}  // namespace navkeeper::runtime
