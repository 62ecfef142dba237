# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
import hashlib
import io

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps, features

image = Image.new("RGB", (120, 80), "navy")
draw = ImageDraw.Draw(image)
draw.ellipse((10, 10, 70, 70), fill=(255, 200, 0), outline="white", width=3)
draw.line([(0, 0), (119, 79)], fill="#f00", width=2)
draw.text((40, 30), "Hallo, Welt", font=ImageFont.load_default(14), fill="white")
print(image.size, image.mode, image.getpixel((40, 40)), image.getbbox(), draw.textlength("Hallo"))


def digest(picture):
    return hashlib.sha256(picture.tobytes()).hexdigest()[:16]


for name, changed in {
    "same": image,
    "grey": ImageOps.grayscale(image),
    "resized": image.resize((60, 40), Image.Resampling.LANCZOS),
    "rotated": image.rotate(30, expand=True, resample=Image.Resampling.BICUBIC),
    "blurred": image.filter(ImageFilter.GaussianBlur(3)),
    "edges": image.filter(ImageFilter.FIND_EDGES),
    "sharper": ImageEnhance.Sharpness(image).enhance(2.5),
    "inverted": ImageChops.invert(image),
    "palette": image.quantize(8),
}.items():
    print(f"{name:9} {changed.mode:4} {changed.size} {digest(changed)}")
for form in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"):
    file = io.BytesIO()
    image.save(file, form)
    again = Image.open(io.BytesIO(file.getvalue()))
    print(form, len(file.getvalue()), again.format, again.mode, digest(again.convert("RGB")))
print(image.histogram()[:3], image.convert("L").point(lambda v: 255 * (v > 100)).getcolors(), features.check("jpg"))
image.save("animated.gif", save_all=True, append_images=[image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)], duration=40)
print(Image.open("animated.gif").n_frames)
Image.open(io.BytesIO(b"no image"))
