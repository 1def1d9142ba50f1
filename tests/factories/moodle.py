"""A question with a picture, as Moodle writes it."""

import base64
import io

from PIL import Image

_TARGET = io.BytesIO()
Image.new("RGB", (8, 8), "blue").save(_TARGET, "PNG")
MOODLE = f"""<?xml version="1.0" encoding="UTF-8"?>
<quiz><question type="truefalse"><name><text>p1</text></name>
<questiontext format="html"><text>
<![CDATA[<p>Nút này màu xanh?</p><img src="@@PLUGINFILE@@/nut.png" alt="Một nút">]]></text>
<file name="nut.png" path="/" encoding="base64">{base64.b64encode(_TARGET.getvalue()).decode()}</file></questiontext>
<answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer>
</question></quiz>""".encode()
