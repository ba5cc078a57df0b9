// SPDX-License-Identifier: Apache-2.0
#include "policy/yaml_message.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <exception>
#include <set>
#include <sstream>
#include <vector>

#include "base/cat.h"
#include "policy/nearest_name.h"
#include "policy/utf8.h"
#include "policy/yaml_scalar.h"

namespace vigie::policy {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

Mark FromYaml(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

std::vector<std::string> FieldNames(const Descriptor& schema) {
  std::vector<std::string> names;
  for (int i = 0; i < schema.field_count(); ++i) names.push_back(schema.field(i)->name());
  return names;
}

// Builds the message from the parser's events, so that aliases are refused before anything is
// expanded. The first error stays; later events are ignored. One use, one thread.
class MessageBuilder final : public YAML::EventHandler {
 public:
  MessageBuilder(std::string_view file_name, Message* out, FieldMarks* marks)
      : file_name_(file_name), out_(out), marks_(marks) {}

  [[nodiscard]] const absl::Status& status() const { return status_; }
  // No mapping was found, nor anything that was refused.
  [[nodiscard]] bool IsEmpty() const { return status_.ok() && !has_root_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (document_count_++ > 0) {
      Refuse(FromYaml(mark), "", "a second document starts here, want one; remove the `---`");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Scalar(mark, anchor, "?", {.text = "", .is_null = true});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Scalar(mark, anchor, tag, {.text = value, .is_plain = tag != kQuotedTag});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Refuse(FromYaml(mark), "", "aliases (`*name`) are not accepted; write the value out");
  }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override;
  void OnMapEnd() override {
    if (status_.ok()) levels_.pop_back();
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override;
  void OnSequenceEnd() override {
    if (status_.ok()) levels_.back().is_list = false;
    CloseValue();
  }

 private:
  // The tag of a quoted scalar; a plain one has "?", anything else was written in the file.
  static constexpr std::string_view kQuotedTag = "!";

  // A mapping that is open. `field` is the key whose value is awaited, null before a key; while
  // its list is open, `is_list` holds.
  struct Level {
    Message* message;
    std::string path;
    const FieldDescriptor* field = nullptr;
    Mark key_mark = {};
    bool is_list = false;
    std::set<int> seen = {};
  };

  void Refuse(Mark mark, std::string_view path, std::string_view problem) {
    if (!status_.ok()) return;
    status_ = absl::InvalidArgumentError(base::Cat(file_name_, ":", mark.line, ":", mark.column,
                                                   ": ", path, path.empty() ? "" : ": ", problem));
  }

  // Refuses what could make one place of the file change another, or a type.
  bool IsPlainNode(const YAML::Mark& mark, std::string_view tag, YAML::anchor_t anchor) {
    if (!status_.ok()) return false;
    if (anchor != YAML::NullAnchor) {
      Refuse(FromYaml(mark), "", "anchors (`&name`) are not accepted; write the value out");
    } else if (!tag.empty() && tag != "?" && tag != kQuotedTag) {
      Refuse(FromYaml(mark), "", base::Cat("tag ", Shown(tag), " is not accepted; remove it"));
    }
    return status_.ok();
  }

  // Path of the awaited value.
  [[nodiscard]] std::string ValuePath() const {
    const Level& level = levels_.back();
    const std::string path =
        base::Cat(level.path, level.path.empty() ? "" : ".", level.field->name());
    if (!level.is_list) return path;
    const int index = level.message->GetReflection()->FieldSize(*level.message, level.field);
    return base::Cat(path, "[", index, "]");
  }

  // The awaited value is complete, unless it is an item of a list.
  void CloseValue() {
    if (status_.ok() && !levels_.back().is_list) levels_.back().field = nullptr;
  }

  void Scalar(const YAML::Mark& mark, YAML::anchor_t anchor, std::string_view tag,
              const YamlScalar& scalar);
  void Key(Mark mark, const YamlScalar& scalar);

  const std::string_view file_name_;
  Message* const out_;
  FieldMarks* const marks_;
  absl::Status status_;
  int document_count_ = 0;
  bool has_root_ = false;
  std::vector<Level> levels_;
};

void MessageBuilder::Scalar(const YAML::Mark& mark, YAML::anchor_t anchor, std::string_view tag,
                            const YamlScalar& scalar) {
  if (!IsPlainNode(mark, tag, anchor)) return;
  const Mark place = FromYaml(mark);
  if (levels_.empty()) {
    // Nothing at all: IsEmpty tells at the end.
    if (scalar.is_null) return;
    return Refuse(place, "", base::Cat("got ", Shown(scalar.text), ", want a mapping of fields"));
  }
  Level& level = levels_.back();
  if (level.field == nullptr) return Key(place, scalar);
  const std::string path = ValuePath();
  // An empty value is reported by the parser at the next token, so the key is the better place.
  const Mark shown = scalar.is_null ? level.key_mark : place;
  if (level.field->is_repeated() && !level.is_list) {
    const std::string got = scalar.is_null ? "nothing" : Shown(scalar.text);
    return Refuse(shown, path,
                  base::Cat("got ", got, ", want ", Wanted(*level.field), ", for example []"));
  }
  if (level.is_list &&
      level.message->GetReflection()->FieldSize(*level.message, level.field) >= kMaxYamlListItems) {
    return Refuse(place, path, base::Cat("want at most ", kMaxYamlListItems, " items"));
  }
  const absl::Status set = SetScalar(scalar, *level.field, level.message);
  if (!set.ok()) return Refuse(shown, path, std::string(set.message()));
  marks_->Add(path, place);
  CloseValue();
}

void MessageBuilder::Key(Mark mark, const YamlScalar& scalar) {
  Level& level = levels_.back();
  const Descriptor& schema = *level.message->GetDescriptor();
  if (scalar.text == "<<" && scalar.is_plain) {
    return Refuse(mark, level.path, "merge keys (`<<`) are not accepted; write the fields out");
  }
  const FieldDescriptor* const field = schema.FindFieldByName(scalar.text);
  if (field == nullptr) {
    return Refuse(mark, level.path,
                  base::Cat("unknown field ", Shown(scalar.text), ", did you mean \"",
                            NearestName(scalar.text, FieldNames(schema)), "\"?"));
  }
  if (!level.seen.insert(field->number()).second) {
    return Refuse(mark, level.path,
                  base::Cat("field \"", field->name(), "\" is given twice; remove one"));
  }
  level.field = field;
  level.key_mark = mark;
}

void MessageBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag,
                                YAML::anchor_t anchor, YAML::EmitterStyle::value) {
  if (!IsPlainNode(mark, tag, anchor)) return;
  if (levels_.empty()) {
    has_root_ = true;
    marks_->Add("", FromYaml(mark));
    levels_.push_back({.message = out_, .path = ""});
    return;
  }
  Level& level = levels_.back();
  if (level.field == nullptr) {
    return Refuse(FromYaml(mark), level.path, "got a mapping, want the name of a field");
  }
  const std::string path = ValuePath();
  if (level.is_list || level.field->is_repeated() ||
      level.field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    return Refuse(FromYaml(mark), path, base::Cat("got a mapping, want ", Wanted(*level.field)));
  }
  marks_->Add(path, level.key_mark);
  Message* const inner = level.message->GetReflection()->MutableMessage(level.message, level.field);
  // Once this inner mapping ends, the outer one awaits a key again.
  level.field = nullptr;
  levels_.push_back({.message = inner, .path = path});
}

void MessageBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                     YAML::anchor_t anchor, YAML::EmitterStyle::value) {
  if (!IsPlainNode(mark, tag, anchor)) return;
  if (levels_.empty()) return Refuse(FromYaml(mark), "", "got a list, want a mapping of fields");
  Level& level = levels_.back();
  if (level.field == nullptr) {
    return Refuse(FromYaml(mark), level.path, "got a list, want the name of a field");
  }
  const std::string path = ValuePath();
  if (level.is_list || !level.field->is_repeated()) {
    return Refuse(FromYaml(mark), path, base::Cat("got a list, want ", Wanted(*level.field)));
  }
  marks_->Add(path, FromYaml(mark));
  level.message->GetReflection()->ClearField(level.message, level.field);
  level.is_list = true;
}

absl::Status SyntaxError(std::string_view file_name, const YAML::Mark& mark,
                         std::string_view problem) {
  const Mark place = mark.is_null() ? Mark{} : FromYaml(mark);
  return absl::InvalidArgumentError(
      base::Cat(file_name, ":", place.line, ":", place.column, ": not valid YAML: ", problem));
}

// A syntax error wins over what the builder found: the parser recovers in odd ways before it
// notices, for example, a missing bracket.
absl::Status Parse(std::string text, std::string_view file_name, MessageBuilder* builder) {
  // Without an explicit end the parser takes an open quote at the end of the file for closed.
  text += text.ends_with('\n') ? "...\n" : "\n...\n";
  try {
    std::istringstream in(text);
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(*builder) && builder->status().ok()) {
    }
  } catch (const YAML::DeepRecursion& error) {
    return SyntaxError(file_name, error.mark, "nested too deeply");
  } catch (const YAML::Exception& error) {
    return SyntaxError(file_name, error.mark, error.msg);
  } catch (const std::exception& error) {
    return SyntaxError(file_name, YAML::Mark::null_mark(), error.what());
  }
  if (builder->IsEmpty()) {
    return absl::InvalidArgumentError(
        base::Cat(file_name, ":1:1: the file is empty, want a mapping of fields"));
  }
  return builder->status();
}

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x7f || (byte < 0x20 && c != '\t' && c != '\n' && c != '\r');
}

// The parser passes any bytes through, protobuf strings must be UTF-8.
absl::Status CheckText(std::string_view text, std::string_view file_name) {
  if (text.size() > kMaxYamlBytes) {
    return absl::InvalidArgumentError(
        base::Cat(file_name, ":1:1: ", text.size(), " bytes, want at most ", kMaxYamlBytes));
  }
  Mark mark;
  for (size_t place = 0; place < text.size();) {
    const size_t byte_count = IsControl(text[place]) ? 0 : CharacterBytes(text.substr(place));
    if (byte_count == 0) {
      return absl::InvalidArgumentError(
          base::Cat(file_name, ":", mark.line, ":", mark.column,
                    ": a byte that is a control character or not UTF-8, want text in UTF-8"));
    }
    mark.column += static_cast<int>(byte_count);
    if (text[place] == '\n') mark = {.line = mark.line + 1, .column = 1};
    place += byte_count;
  }
  return absl::OkStatus();
}

}  // namespace

std::string FieldMarks::Where(std::string_view path) const {
  while (true) {
    const auto found = marks_.find(path);
    if (found != marks_.end()) {
      return base::Cat(file_name_, ":", found->second.line, ":", found->second.column, ": ");
    }
    if (path.empty()) return base::Cat(file_name_, ":1:1: ");
    const size_t parent = path.find_last_of(".[");
    path = parent == std::string_view::npos ? std::string_view() : path.substr(0, parent);
  }
}

absl::Status FieldError(const FieldMarks* marks, std::string_view path, std::string_view problem) {
  return absl::InvalidArgumentError(
      base::Cat(marks == nullptr ? "" : marks->Where(path), path, ": ", problem));
}

absl::Status ReadYaml(std::string_view text, std::string_view file_name, Message* out,
                      FieldMarks* marks) {
  if (absl::Status status = CheckText(text, file_name); !status.ok()) return status;
  FieldMarks own_marks;
  if (marks == nullptr) marks = &own_marks;
  *marks = FieldMarks(file_name);
  MessageBuilder builder(file_name, out, marks);
  return Parse(std::string(text), file_name, &builder);
}

}  // namespace vigie::policy
