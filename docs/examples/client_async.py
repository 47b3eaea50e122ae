"""Many articles with several requests under way at the same time, with raqam.client."""

import asyncio
import os

from raqam import Record
from raqam.client import AsyncClient, Retries


async def main() -> None:
    """Annotate some texts, and print what was found."""
    texts = [f"استاندار همدان از {number} میلیارد تومان خبر داد." for number in range(100)]
    key = os.environ.get("RAQAM_KEY")  # where the service asks for one
    async with AsyncClient("http://localhost:8000", key, retries=Retries(budget=60)) as client:
        model = await client.model()
        print(f"{model.name}@{model.version}")
        async for result in client.annotate_many(texts, in_flight=4):
            if isinstance(result, Record):
                print([span.text for span in result.spans])


asyncio.run(main())
