/* Encodes raw RGBA with any of libwebp's settings, which Pillow and cwebp do not all have.

   cc make_webp.c -lwebp -o make_webp
   usage: make_webp in.rgba width height out.webp [setting=number]... */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <webp/encode.h>

#define SETTING(name) \
  if (strcmp(argv[i], #name) == 0) config.name = atoi(equals + 1), known = 1

int main(int argc, char** argv) {
  int width = atoi(argv[2]), height = atoi(argv[3]);
  size_t bytes = (size_t)4 * width * height;
  uint8_t* rgba = malloc(bytes);
  FILE* file = fopen(argv[1], "rb");
  if (file == NULL || fread(rgba, 1, bytes, file) != bytes) return 1;
  fclose(file);

  WebPConfig config;
  WebPPicture picture;
  WebPMemoryWriter writer;
  WebPConfigInit(&config);
  for (int i = 5; i < argc; i++) {
    int known = 0;
    char* equals = strchr(argv[i], '=');
    *equals = 0;
    SETTING(quality);
    SETTING(method);
    SETTING(segments);
    SETTING(filter_strength);
    SETTING(filter_sharpness);
    SETTING(filter_type);
    SETTING(alpha_compression);
    SETTING(alpha_filtering);
    SETTING(alpha_quality);
    SETTING(partitions);
    SETTING(exact);
    if (!known) return 2;
  }
  WebPPictureInit(&picture);
  WebPMemoryWriterInit(&writer);
  picture.use_argb = 1;
  picture.width = width;
  picture.height = height;
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  if (!WebPPictureImportRGBA(&picture, rgba, 4 * width) || !WebPEncode(&config, &picture)) return 3;
  file = fopen(argv[4], "wb");
  fwrite(writer.mem, 1, writer.size, file);
  return fclose(file);
}
