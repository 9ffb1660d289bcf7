// The SDK client of the price list, in a file of its own so that only price look-ups load it.

export { GetProductsCommand, PricingClient } from "@aws-sdk/client-pricing";
