// The client of the price list, apart from the others: only who asks for a price loads it.

export { GetProductsCommand, PricingClient } from "@aws-sdk/client-pricing";
