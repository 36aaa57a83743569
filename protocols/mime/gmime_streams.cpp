#include "protocols/mime/gmime_streams.hpp"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>

namespace mailfleet::mime {

namespace {

/// What an instance has of ours.
struct functions {
  stream_reader read;
  stream_writer write;
  std::optional<failure>* fault = nullptr;
  std::uint64_t offset = 0;
  bool ended = false;
};

/// GObject's layout: the parent comes first.
struct function_stream {
  GMimeStream parent;
  functions* ours;
};

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): GObject's way to the parent.
GObjectClass* parent_class = nullptr;

functions& of(GMimeStream* stream) {
  return *reinterpret_cast<function_stream*>(stream)->ours;
}

ssize_t fail(functions& ours, failure what) {
  if (ours.fault && !*ours.fault)
    *ours.fault = std::move(what);
  return -1;
}

ssize_t read_some(GMimeStream* stream, char* buffer, std::size_t most) {
  auto& ours = of(stream);
  if (!ours.read)
    return -1;
  auto bytes = ours.read(ours.offset, most);
  if (!bytes)
    return fail(ours, bytes.error());
  auto count = std::min(bytes->size(), most);
  std::copy_n(bytes->data(), count, buffer);
  ours.offset += count;
  ours.ended = count == 0;
  return static_cast<ssize_t>(count);
}

ssize_t write_some(GMimeStream* stream, const char* bytes, std::size_t count) {
  auto& ours = of(stream);
  if (!ours.write || (ours.fault && *ours.fault))
    return -1;
  auto written = ours.write({bytes, count});
  if (!written)
    return fail(ours, written.error());
  ours.offset += count;
  return static_cast<ssize_t>(count);
}

int nothing(GMimeStream*) {
  return 0;
}

gboolean has_ended(GMimeStream* stream) {
  return of(stream).ended ? 1 : 0;
}

int begin_again(GMimeStream* stream) {
  auto& ours = of(stream);
  if (ours.write)
    return -1;
  ours.offset = 0;
  ours.ended = false;
  return 0;
}

gint64 no_seek(GMimeStream*, gint64, GMimeSeekWhence) {
  return -1;
}

gint64 tell(GMimeStream* stream) {
  return static_cast<gint64>(of(stream).offset);
}

gint64 no_length(GMimeStream*) {
  return -1;
}

GMimeStream* no_part(GMimeStream*, gint64, gint64) {
  return nullptr;
}

void finalize(GObject* object) {
  delete reinterpret_cast<function_stream*>(object)->ours;
  parent_class->finalize(object);
}

void init_class(gpointer the_class, gpointer) {
  auto* streams = static_cast<GMimeStreamClass*>(the_class);
  parent_class = static_cast<GObjectClass*>(g_type_class_peek_parent(the_class));
  static_cast<GObjectClass*>(the_class)->finalize = finalize;
  streams->read = read_some;
  streams->write = write_some;
  streams->flush = nothing;
  streams->close = nothing;
  streams->eos = has_ended;
  streams->reset = begin_again;
  streams->seek = no_seek;
  streams->tell = tell;
  streams->length = no_length;
  streams->substream = no_part;
}

void init_instance(GTypeInstance* instance, gpointer) {
  reinterpret_cast<function_stream*>(instance)->ours = std::make_unique<functions>().release();
}

GType stream_type() {
  static const GType type = [] {
    GTypeInfo info{};
    info.class_size = sizeof(GMimeStreamClass);
    info.class_init = init_class;
    info.instance_size = sizeof(function_stream);
    info.instance_init = init_instance;
    return g_type_register_static(g_mime_stream_get_type(), "MailfleetFunctionStream", &info,
                                  GTypeFlags{});
  }();
  return type;
}

GMimeStream* new_stream() {
  auto* made = static_cast<GMimeStream*>(g_object_new(stream_type(), nullptr));
  g_mime_stream_construct(made, 0, -1);
  return made;
}

} // namespace

_GMimeStream* reading_stream(stream_reader read, std::optional<failure>* fault) {
  auto* made = new_stream();
  of(made).read = std::move(read);
  of(made).fault = fault;
  return made;
}

_GMimeStream* writing_stream(stream_writer write, std::optional<failure>* fault) {
  auto* made = new_stream();
  of(made).write = std::move(write);
  of(made).fault = fault;
  return made;
}

} // namespace mailfleet::mime
