"""stub"""
from wagtail.images.forms import BaseImageForm
from wagtail.documents.forms import BaseDocumentForm
class PictureForm(BaseImageForm): pass
class FileForm(BaseDocumentForm): pass
